import { PartyError } from "./errors";

/** How far a client has come among a room's durable events. */
export interface Position {
  /** Of the room's storage. */
  readonly epoch: string;
  /** Of the last event that the client has seen, or after which it has been told to begin. */
  readonly offset: number;
  /** A fingerprint of that event; empty where the client has not seen it. */
  readonly fingerprint: string;
}

/** The parameter of the URL that carries a position. It is no secret. */
export const POSITION_PARAMETER = "_at";

/** A position as a URL carries it: `epoch.offset.fingerprint`. */
export function encodePosition({ epoch, offset, fingerprint }: Position): string {
  return `${epoch}.${offset}.${fingerprint}`;
}

/**
 * Reads what `encodePosition` wrote.
 *
 * @throws PartyError `invalid` for anything else: an offset that is negative, a fraction or text.
 */
export function decodePosition(text: string): Position {
  const [, epoch = "", offset = "", fingerprint = ""] = POSITION.exec(text) ?? [];
  if (!epoch || !Number.isSafeInteger(Number(offset))) {
    throw new PartyError("invalid", {
      message: "A position is an epoch, an offset and a fingerprint.",
    });
  }
  return { epoch, offset: Number(offset), fingerprint };
}

const POSITION = /^([\w-]{1,64})\.(\d{1,16})\.([0-9a-z]{0,7})$/;

/**
 * Tells an event from another one at the same offset: a room whose storage was put back to an older
 * copy counts on from there. FNV-1a, 32 bits, in base 36: no proof, only unlikely to be wrong.
 */
export function fingerprintOf(frame: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < frame.length; index += 1) {
    hash = Math.imul(hash ^ frame.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0).toString(36);
}
