import {
  isThenable,
  MAX_RESULT_LENGTH,
  type Operation,
  PartyError,
  partyErrorOf,
  toWireError,
} from "@partyflare/shared";
import type { WireError } from "@partyflare/shared";
import type { CallResults } from "../capabilities/call-results";
import type { Promises } from "../outgoing/promises";

/** What calls that happen once are carried out with. */
export interface OnceRoom {
  readonly results: CallResults;
  readonly promises: Pick<Promises, "checkOutput">;
  /** Async calls of this life of the room that have begun and not ended. */
  readonly running: Map<string, Promise<Outcome>>;
  /** Forgets the results of clients that have been gone for too long. */
  forgetOldResults(): void;
  /** Runs all of it or nothing; what it sends is sent when it has been committed. */
  transaction<Result>(run: () => Result): Result;
}

/** A call that may be a repeat, by a client that is known by its key. */
export interface OnceCall {
  readonly client: string;
  readonly operation: Operation;
  readonly name: string;
}

/** What came of a call. */
export type Outcome =
  | { readonly kind: "reply"; readonly output: unknown }
  | { readonly kind: "fail"; readonly error: WireError };

/** What is known of a call before its handler is asked; undefined where it is to be carried out. */
export function knownOutcome(
  { results, running }: OnceRoom,
  { client, operation }: OnceCall,
): Outcome | Promise<Outcome> | undefined {
  const known = results.find(client, operation.number, operation.since);
  switch (known.state) {
    case "new":
      return undefined;
    case "done":
      return JSON.parse(known.result) as Outcome;
    case "begun":
      return running.get(keyOf(client, operation)) ?? unknownOutcome();
    case "unknown":
      return unknownOutcome();
    default:
      return known satisfies never;
  }
}

/**
 * Carries a call out, unless that has been done meanwhile. What a synchronous handler writes, and
 * that it was called, are one transaction. One that goes on asynchronously is written down in the
 * transaction of its beginning, and what comes of it when it ends.
 *
 * @throws what the handler throws before it goes on asynchronously: nothing is written then.
 */
export function carryOut(
  room: OnceRoom,
  call: OnceCall,
  handler: () => unknown,
): Outcome | Promise<Outcome> {
  const { client, operation, name } = call;
  let output: unknown;
  room.forgetOldResults();
  const known = room.transaction(() => {
    const before = knownOutcome(room, call);
    if (before !== undefined) return before;
    output = handler();
    if (isThenable(output)) room.results.write(client, operation.number, null);
    else output = record(room, call, replyOf(room.promises.checkOutput(name, output)));
    return undefined;
  });
  if (known !== undefined) return known;
  if (!isThenable(output)) return output as Outcome;
  const key = keyOf(client, operation);
  const ending = settle(room, call, output).finally(() => room.running.delete(key));
  room.running.set(key, ending);
  return ending;
}

async function settle(
  room: OnceRoom,
  call: OnceCall,
  output: PromiseLike<unknown>,
): Promise<Outcome> {
  try {
    return record(room, call, replyOf(room.promises.checkOutput(call.name, await output)));
  } catch (error) {
    // What is not a PartyError is the room's own matter: it is written down without its words.
    const answer = partyErrorOf(error);
    const told = answer ?? new PartyError("internal");
    const outcome = record(room, call, { kind: "fail", error: toWireError(told) });
    if (answer) return outcome;
    throw error;
  }
}

/** Throws where it is too large to be stored, as what it stands for cannot be promised then. */
function record({ results }: OnceRoom, { client, operation }: OnceCall, outcome: Outcome): Outcome {
  const text = JSON.stringify(outcome);
  if (text.length > MAX_RESULT_LENGTH) {
    throw new PartyError("too_large", { message: "The result is too large to be stored." });
  }
  results.write(client, operation.number, text);
  return outcome;
}

function replyOf(output: unknown): Outcome {
  return { kind: "reply", output };
}

function unknownOutcome(): Outcome {
  return { kind: "fail", error: toWireError(new PartyError("unknown_outcome")) };
}

function keyOf(client: string, { number }: Operation): string {
  return `${client} ${number}`;
}
