import {
  type ClientFrame,
  decodeClientFrame,
  type Message,
  PartyError,
  PING,
  PONG,
  splitFrames,
} from "@partyflare/shared";
import type { RoomConnection } from "../connections/connection";
import { type Dispatch, dispatch } from "./dispatch";
import { guard } from "./guard";

/**
 * One message of a connection, after those before it: gates, then decoding, then dispatch.
 * Whoever sends faster than its messages are handled is closed with 4429.
 *
 * @returns a promise while anything is still to be done, which never rejects.
 */
export function receive(
  room: Dispatch,
  connection: RoomConnection,
  message: Message,
): void | Promise<void> {
  // The platform does the same for a room that sleeps.
  if (message === PING) return connection.transmit(PONG);
  const bytes = typeof message === "string" ? message.length : message.byteLength;
  if (!connection.inbox.admits(bytes)) {
    const { closeCode, code } = new PartyError("rate_limited");
    return connection.close(closeCode, code);
  }
  if (connection.isFramed && typeof message === "string") {
    const frames = splitFrames(message).map((text) => decode(connection, text));
    return connection.inbox.push(() => dispatchAll(room, connection, frames), bytes);
  }
  return connection.inbox.push(
    () =>
      guard(room.party, { connection, during: "onMessage" }, () =>
        room.party.onMessage(connection, message),
      ),
    bytes,
  );
}

/** At arrival and not in its turn: so a call's id is known to be taken while the call waits. */
function decode(connection: RoomConnection, text: string): ClientFrame | PartyError {
  try {
    const frame = decodeClientFrame(text);
    if (frame.kind === "call") {
      if (connection.calls.has(frame.id)) {
        return new PartyError("bad_frame", { message: "A call with this id is not answered yet." });
      }
      connection.calls.add(frame.id);
    }
    return frame;
  } catch (error) {
    return error instanceof PartyError ? error : new PartyError("bad_frame");
  }
}

/** One after the other: a frame waits for the handler of the one before it. */
function dispatchAll(
  room: Dispatch,
  connection: RoomConnection,
  frames: readonly (ClientFrame | PartyError)[],
  start = 0,
): void | Promise<void> {
  for (let next = start; next < frames.length; next += 1) {
    const frame = frames[next];
    const handled = frame && dispatch(room, connection, frame);
    if (handled) return handled.then(() => dispatchAll(room, connection, frames, next + 1));
  }
}
