import {
  type ClientFrame,
  type Contract,
  encodeServerFrame,
  type Issue,
  type Message,
  PartyError,
  PONG,
  toWireError,
  validate,
} from "@partyflare/shared";
import type { Connection } from "../connections/connection";
import type { Capability } from "../capabilities/capability";
import type { RoomConnection } from "../connections/room-connection";
import type { Limits } from "../options";
import { type ErrorListener, guard, isThenable, report } from "./guard";
import { type Handler, ownValue } from "./handlers";
import { carryOut, knownOutcome, type OnceRoom, type Outcome } from "./once";

/** What a client sent that the room could not take. */
export interface InvalidMessage {
  /** `bad_frame`, `unknown_frame`, `unknown_event`, `unknown_call` or `invalid`. */
  readonly code: string;
  /** The event or call, where its name could be read. */
  readonly name?: string;
  /** What the schema found. */
  readonly issues?: readonly Issue[];
}

/** What frames are handed to. */
export interface FrameHandler extends ErrorListener {
  onMessage(connection: Connection, message: Message): void | Promise<void>;
  onInvalid(connection: Connection, invalid: InvalidMessage): void | Promise<void>;
}

/** What a room understands, and how it answers. */
export interface Dispatch extends OnceRoom {
  readonly party: FrameHandler;
  readonly contract: Contract;
  /** By event and call. */
  readonly handlers: object;
  /** Calls that the library answers itself, by names that begin with `$`. */
  readonly libraryCalls: Capability["calls"];
  readonly limits: Pick<Limits, "badFrames">;
}

type LibraryCall = Capability["calls"][string];

/** One frame, or why it could not be read. Nothing it causes is thrown. */
export function dispatch(
  room: Dispatch,
  connection: RoomConnection,
  frame: ClientFrame | PartyError,
): void | Promise<void> {
  if (connection.wasDismissed) return;
  if (frame instanceof PartyError) return refuseFrame(room, connection, frame);
  switch (frame.kind) {
    case "event":
      return dispatchEvent(room, connection, frame);
    case "call":
      return dispatchCall(room, connection, frame);
    case "text":
      connection.badFrames = 0;
      return guard(room.party, { connection, during: "onMessage" }, () =>
        room.party.onMessage(connection, frame.text),
      );
    case "ping":
      return connection.transmit(PONG);
    default:
      return frame satisfies never;
  }
}

function dispatchEvent(
  room: Dispatch,
  connection: RoomConnection,
  { name, data }: Extract<ClientFrame, { kind: "event" }>,
): void | Promise<void> {
  const schema = ownValue(room.contract.fromClient, name);
  const refused = (error: PartyError) =>
    connection.transmit(
      encodeServerFrame({ kind: "error", error: toWireError(error), event: name }),
    );
  if (!schema) return invalid(room, connection, new PartyError("unknown_event"), name, refused);
  return settle(
    () => validate(schema, data),
    (checked) => {
      const run = () => ownValue<Handler>(room.handlers, name)?.(connection, checked);
      return handle(room, connection, name, run, () => {}, refused);
    },
    (error) => invalid(room, connection, error, name, refused),
  );
}

function dispatchCall(
  room: Dispatch,
  connection: RoomConnection,
  { id, name, input, operation }: Extract<ClientFrame, { kind: "call" }>,
): void | Promise<void> {
  const answer = (outcome: Outcome) => {
    const frame = encodeServerFrame({ ...outcome, id });
    connection.calls.delete(id);
    connection.transmit(frame);
  };
  const refused = (error: PartyError) => answer({ kind: "fail", error: toWireError(error) });
  const own = ownValue<LibraryCall>(room.libraryCalls, name);
  if (own) {
    const run = (): Outcome => ({ kind: "reply", output: own(connection, input) });
    return handle(room, connection, name, run, answer, refused);
  }
  const call = ownValue(room.contract.calls, name);
  if (!call) return invalid(room, connection, new PartyError("unknown_call"), name, refused);
  const client = connection.keyHash;
  const once = call.once && operation && client !== null ? { client, operation, name } : undefined;
  const run = (checked: unknown) => {
    const handler = () => ownValue<Handler>(room.handlers, name)?.(connection, checked);
    if (once) return carryOut(room, once, handler);
    const reply = (output: unknown): Outcome => {
      return { kind: "reply", output: room.promises.checkOutput(name, output) };
    };
    return settle(handler, reply);
  };
  const begin = () =>
    settle(
      () => call.input && validate(call.input, input),
      (checked) => handle(room, connection, name, () => run(checked), answer, refused),
      (error) => invalid(room, connection, error, name, refused),
    );
  if (!once) return begin();
  const look = () => knownOutcome(room, once);
  return handle(
    room,
    connection,
    name,
    look,
    (known) => (known ? answer(known) : begin()),
    refused,
  );
}

/** Runs what a client has asked for. A PartyError that it throws is its answer; the rest is the room's own matter. */
function handle<Result>(
  { party }: Dispatch,
  connection: RoomConnection,
  name: string,
  run: () => Result | Promise<Result>,
  done: (result: Result) => void | Promise<void>,
  refused: (error: PartyError) => void,
): void | Promise<void> {
  connection.badFrames = 0;
  return settle(
    () => settle(run, done),
    () => {},
    async (error) => {
      try {
        if (!(error instanceof PartyError)) throw error;
        refused(error);
      } catch (failure) {
        // Not a PartyError, or one whose data JSON cannot hold.
        refused(new PartyError("internal"));
        await report(party, failure, { connection, during: "handler", name });
      }
    },
  );
}

/** A client's mistake: it is told, the room hears of it, and too many in a row end the connection. */
async function invalid(
  { party, limits }: Dispatch,
  connection: RoomConnection,
  error: unknown,
  name: string | undefined,
  refused: (error: PartyError) => void,
): Promise<void> {
  if (!(error instanceof PartyError)) {
    // The validator itself failed.
    refused(new PartyError("internal"));
    return report(party, error, { connection, during: "handler", name });
  }
  refused(error);
  connection.badFrames += 1;
  if (connection.badFrames >= limits.badFrames) {
    const { closeCode, code } = new PartyError("bad_frame");
    connection.close(closeCode, code);
  }
  const { code, issues } = error;
  await guard(party, { connection, during: "onInvalid" }, () =>
    party.onInvalid(connection, { code, name, issues }),
  );
}

/** Refuses a frame before it is looked at any further: a call by its id, all others by name. */
export function turnAway(
  connection: RoomConnection,
  frame: ClientFrame | PartyError,
  error: PartyError,
): void {
  if (frame instanceof PartyError || frame.kind !== "call") {
    const event = !(frame instanceof PartyError) && frame.kind === "event" ? frame.name : undefined;
    connection.transmit(encodeServerFrame({ kind: "error", error: toWireError(error), event }));
    return;
  }
  connection.calls.delete(frame.id);
  connection.transmit(encodeServerFrame({ kind: "fail", id: frame.id, error: toWireError(error) }));
}

function refuseFrame(
  room: Dispatch,
  connection: RoomConnection,
  error: PartyError,
): void | Promise<void> {
  return invalid(room, connection, error, undefined, (refused) =>
    connection.transmit(encodeServerFrame({ kind: "error", error: toWireError(refused) })),
  );
}

/** Continues at once where a step is synchronous, and later where it is not. */
function settle<Value, Result>(
  step: () => Value | PromiseLike<Value>,
  then: (value: Value) => Result | Promise<Result>,
  otherwise: (error: unknown) => Result | Promise<Result> = raise,
): Result | Promise<Result> {
  let value: Value | PromiseLike<Value>;
  try {
    value = step();
  } catch (error) {
    return otherwise(error);
  }
  if (!isThenable(value)) return then(value);
  return Promise.resolve(value).then(then, otherwise);
}

function raise(error: unknown): never {
  throw error;
}
