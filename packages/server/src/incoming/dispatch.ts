import type { Contract, Issue, Message, PartyError } from "@partyflare/shared";
import {
  type ClientFrame,
  decodeClientFrame,
  encodeServerFrame,
  isThenable,
  mistake,
  partyErrorOf,
  PONG,
  toWireError,
  validate,
} from "@partyflare/shared/internal";
import type { Capabilities } from "../capabilities/capabilities";
import type { IncomingCall, Outcome } from "../capabilities/capability";
import type { Connection } from "../connections/connection";
import type { RoomConnection } from "../connections/room-connection";
import type { Limits } from "../options";
import type { Encoder } from "../outgoing/encoder";
import { type Steps, wait } from "../settle";
import { errorBoundary, type ErrorListener, report } from "./error-boundary";
import { type Handler, ownValue } from "./handlers";

/** A message of a client that the room refused. */
export interface InvalidMessage {
  /** `bad_frame`, `unknown_frame`, `unknown_event`, `unknown_call` or `invalid`. */
  readonly code: string;
  /** The name of the event or call, if it could be read. */
  readonly name?: string;
  /** The problems that the schema found. */
  readonly issues?: readonly Issue[];
}

/** The hooks that handle frames. */
export interface FrameHandler extends ErrorListener {
  onMessage(connection: Connection, message: Message): void | Promise<void>;
  onInvalid(connection: Connection, invalid: InvalidMessage): void | Promise<void>;
}

/** The contract, handlers and encoder that answer frames. */
export interface Dispatch {
  readonly party: FrameHandler;
  readonly contract: Contract;
  /** Handlers by the name of the event or call. */
  readonly handlers: object;
  readonly capabilities: Capabilities;
  readonly encoder: Pick<Encoder, "checkError" | "checkOutput">;
  readonly limits: Pick<Limits, "badFrames">;
}

/** The part of an unknown name that an error's text shows. Names of capabilities are shorter. */
const MAX_SHOWN_NAME_LENGTH = 64;

type CallFrame = Extract<ClientFrame, { kind: "call" }>;

/** The frames that ask the room for something. */
type AskingFrame = Extract<ClientFrame, { kind: "call" | "capability" | "event" | "with" }>;

/** A client's mistake, as opposed to a refusal by a handler. */
class Mistake {
  constructor(readonly error: PartyError) {}
}

/** The result of a schema's check. */
type Checked = Mistake | { readonly value: unknown };

/** Answers one frame of a client. It never throws. */
export function* answerFrame(
  room: Dispatch,
  connection: RoomConnection,
  text: string,
): Steps<void> {
  let frame: ClientFrame;
  try {
    frame = decodeClientFrame(text);
  } catch (error) {
    // The codec throws nothing else.
    const refused = partyErrorOf(error) ?? mistake("bad_frame");
    connection.transmit(refusalOf(text, refused));
    return yield* countMistake(room, connection, refused);
  }
  switch (frame.kind) {
    case "event":
    case "call":
    case "capability":
    case "with":
      return yield* answerAsked(room, connection, frame);
    case "text": {
      const { text: sent } = frame;
      connection.badFrames = 0;
      const context = { connection, during: "onMessage" } as const;
      return yield* wait(
        errorBoundary(room.party, context, () => room.party.onMessage(connection, sent)),
      );
    }
    case "ping":
      connection.pingedAtMs = Date.now();
      return connection.transmit(PONG);
    default:
      return frame satisfies never;
  }
}

/** Answers a frame that asks for something. All outcomes are handled here. */
function* answerAsked(room: Dispatch, connection: RoomConnection, frame: AskingFrame): Steps<void> {
  const { name } = frame;
  try {
    const outcome = yield* take(room, connection, frame);
    if (outcome instanceof Mistake) {
      refuse(connection, outcome.error, frame);
      yield* countMistake(room, connection, outcome.error, name);
    } else if (outcome && frame.kind === "call") {
      connection.transmit(encodeServerFrame({ ...outcome, id: frame.id }));
    }
  } catch (error) {
    const failure = refusalFailure(room, connection, error, frame);
    if (failure === undefined) return;
    refuse(connection, mistake("internal"), frame);
    const during = isOfContract(frame) ? "handler" : "capability";
    yield* wait(report(room.party, failure, { connection, during, name }));
  }
}

/**
 * Sends a PartyError to the client. Returns the error that `onError` gets: any other error, or the
 * TypeError for data that JSON cannot hold, or for an error that breaks the contract.
 */
function refusalFailure(
  { encoder }: Dispatch,
  connection: RoomConnection,
  error: unknown,
  frame: AskingFrame,
): unknown {
  const told = partyErrorOf(error);
  if (!told) return error ?? new Error("A handler threw nothing.");
  try {
    if (frame.kind === "call") encoder.checkError(frame.name, told);
    refuse(connection, told, frame);
    return undefined;
  } catch (failure) {
    return failure;
  }
}

function take(
  room: Dispatch,
  connection: RoomConnection,
  frame: AskingFrame,
): Steps<Mistake | Outcome | undefined> {
  switch (frame.kind) {
    case "event":
      return takeEvent(room, connection, frame);
    case "call":
      return takeCall(room, connection, frame);
    case "with":
    case "capability":
      return takeCapability(room, connection, frame);
    default:
      return frame satisfies never;
  }
}

/** Subscribes a client to a capability, or passes it a frame. */
function* takeCapability(
  { capabilities }: Dispatch,
  connection: RoomConnection,
  frame: Extract<ClientFrame, { kind: "capability" | "with" }>,
): Steps<Mistake | undefined> {
  const { kind, name } = frame;
  if (!(kind === "with" ? capabilities.has(name) : capabilities.takesFrames(name))) {
    const shown = name.slice(0, MAX_SHOWN_NAME_LENGTH);
    return new Mistake(mistake("unknown_frame", { message: `The room has no "${shown}".` }));
  }
  // Each subscription may cost a snapshot or a replay. Without one, no answer would arrive.
  const isSubscribed = connection.data.isSubscribed(name);
  if (isSubscribed === (kind === "with")) {
    const problem = isSubscribed ? "Already subscribed" : "Not subscribed";
    return new Mistake(mistake("bad_frame", { message: `${problem} to "${name}".` }));
  }
  connection.badFrames = 0;
  if (kind === "with") capabilities.subscribe(connection, name, frame.asked);
  else yield* wait(capabilities.frame(connection, name, frame.payload));
  return undefined;
}

/** Checks an event of a client and passes it to its handler. */
function* takeEvent(
  room: Dispatch,
  connection: RoomConnection,
  { name, data }: Extract<ClientFrame, { kind: "event" }>,
): Steps<Mistake | undefined> {
  const schema = ownValue(room.contract.fromClient, name);
  if (!schema) return new Mistake(mistake("unknown_event"));
  const checking = check(schema, data);
  const checked = isThenable(checking) ? ((yield checking) as Checked) : checking;
  if (checked instanceof Mistake) return checked;
  if (connection.isOver) return undefined;
  connection.badFrames = 0;
  const handling = ownValue<Handler>(room.handlers, name)?.(connection, checked.value);
  if (isThenable(handling)) yield handling;
  return undefined;
}

/** Answers a call: with the known outcome of a repeat, or with its handler's result. */
function* takeCall(
  room: Dispatch,
  connection: RoomConnection,
  { name, input, operation }: CallFrame,
): Steps<Mistake | Outcome | undefined> {
  const own = room.capabilities.libraryCall(name);
  if (own) {
    connection.badFrames = 0;
    return { kind: "reply", output: yield* wait(own(connection, input)) };
  }
  const definition = ownValue(room.contract.calls, name);
  if (!definition) return new Mistake(mistake("unknown_call"));
  const isOnce = definition.once === true;
  const call: IncomingCall = { connection, name, input, isOnce, operation };
  const known = room.capabilities.outcomeOf(call);
  if (known) return known;
  const checking = check(definition.input, input);
  const checked = isThenable(checking) ? ((yield checking) as Checked) : checking;
  if (checked instanceof Mistake) return checked;
  if (connection.isOver) return undefined;
  connection.badFrames = 0;
  const outcome = room.capabilities.aroundCall(call, () => {
    const output = ownValue<Handler>(room.handlers, name)?.(connection, checked.value);
    return isThenable(output) ? replyLater(room, name, output) : reply(room, name, output);
  });
  return (isThenable(outcome) ? yield outcome : outcome) as Outcome;
}

function reply({ encoder }: Dispatch, name: string, output: unknown): Outcome {
  return { kind: "reply", output: encoder.checkOutput(name, output) };
}

async function replyLater(
  room: Dispatch,
  name: string,
  output: PromiseLike<unknown>,
): Promise<Outcome> {
  return reply(room, name, await output);
}

/** Checks data against a schema. An error that the validator throws is the room's own error. */
function check(
  schema: Parameters<typeof validate>[0] | undefined,
  data: unknown,
): Checked | Promise<Checked> {
  if (!schema) return { value: undefined };
  try {
    const value = validate(schema, data);
    return isThenable(value) ? checkLater(value) : { value };
  } catch (error) {
    return mistakeOf(error);
  }
}

async function checkLater(value: PromiseLike<unknown>): Promise<Checked> {
  try {
    return { value: await value };
  } catch (error) {
    return mistakeOf(error);
  }
}

function mistakeOf(error: unknown): Mistake {
  const refused = partyErrorOf(error);
  if (refused) return new Mistake(refused);
  throw error;
}

/**
 * Reports a mistake to the room; the client already has the error. Too many in a row close the
 * connection.
 */
function* countMistake(
  { party, limits }: Dispatch,
  connection: RoomConnection,
  { code: mistaken, issues }: PartyError,
  name?: string,
): Steps<void> {
  connection.badFrames += 1;
  if (connection.badFrames >= limits.badFrames) {
    const { closeCode, code } = mistake("bad_frame");
    connection.close(closeCode, code);
  }
  // Each mistake gets a new turn: `onInvalid` does not run on the library's stack.
  yield Promise.resolve();
  yield* wait(
    errorBoundary(party, { connection, during: "onInvalid" }, () =>
      party.onInvalid(connection, { code: mistaken, name, issues }),
    ),
  );
}

/** Whether a frame asks for an event or a call of the contract. */
function isOfContract({ kind }: AskingFrame): boolean {
  return kind === "event" || kind === "call";
}

/** Returns the name of an event, or of a capability's frame. */
function nameOf(frame: AskingFrame): string {
  return isOfContract(frame) ? frame.name : `$${frame.name}`;
}

/** Throws if JSON cannot hold the data of the error. Nothing has been sent then. */
function refuse(connection: RoomConnection, refused: PartyError, frame: AskingFrame): void {
  const error = toWireError(refused);
  connection.transmit(
    frame.kind === "call"
      ? encodeServerFrame({ kind: "fail", id: frame.id, error })
      : encodeServerFrame({ kind: "error", error, event: nameOf(frame) }),
  );
}

/**
 * Returns the refusal of a frame that was not decoded. It reads the frame's beginning: a call's
 * refusal carries its id, so that its caller gets an answer. The refusal of an event or of a
 * capability's frame carries its name: `$presence` sends its data again.
 */
export function refusalOf(frame: string, refused: PartyError): string {
  const error = toWireError(refused);
  const [, id] = /^\["\$call",(\d{1,15}),/.exec(frame) ?? [];
  if (id !== undefined) return encodeServerFrame({ kind: "fail", id: Number(id), error });
  const [, wanted] = /^\["\$with","([^"\\]{1,127})"/.exec(frame) ?? [];
  if (wanted !== undefined) return encodeServerFrame({ kind: "error", error, event: `$${wanted}` });
  const [, event] = /^\["((?!\$(?:call|ping|text|with)")[^"\\]{1,128})"/.exec(frame) ?? [];
  return encodeServerFrame({ kind: "error", error, event });
}
