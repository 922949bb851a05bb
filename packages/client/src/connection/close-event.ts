import { MAX_CLOSE_REASON_BYTES, utf8Length } from "@partyflare/shared/internal";

/** RFC 6455 §7.4.1: closed without a Close frame. */
export const ABNORMAL_CLOSURE = 1006;

/** A connection has ended, or an attempt to connect has failed. */
export class PartyCloseEvent extends Event {
  /** The close code. 1006 without a Close frame: a failed attempt, a lost network. */
  readonly code: number;
  /** The reason that the closing side gave; often empty. */
  readonly reason: string;
  /** Whether both sides agreed to close. */
  readonly wasClean: boolean;

  constructor({ code, reason, wasClean }: { code: number; reason: string; wasClean: boolean }) {
    super("close");
    this.code = code;
    this.reason = reason;
    this.wasClean = wasClean;
  }
}

/** The close event of a connection that was closed, by either side. */
export function cleanClose(code: number, reason: string): PartyCloseEvent {
  return new PartyCloseEvent({ code, reason, wasClean: true });
}

/** The close event of an attempt or a connection that ended without a Close frame. */
export function abnormalClose(reason = ""): PartyCloseEvent {
  return new PartyCloseEvent({ code: ABNORMAL_CLOSURE, reason, wasClean: false });
}

/**
 * Checks what an app closes a connection with, so that the platform does not throw halfway.
 *
 * @throws RangeError for a code that is neither 1000 nor 3000 to 4999, or a longer reason than 123
 *   bytes of UTF-8.
 */
export function checkClose(code: number, reason: string): void {
  const isCode = code === 1000 || (Number.isInteger(code) && code >= 3000 && code <= 4999);
  if (!isCode || utf8Length(reason) > MAX_CLOSE_REASON_BYTES) {
    throw new RangeError(
      `A close has 1000 or 3000 to 4999 and at most ${MAX_CLOSE_REASON_BYTES} bytes.`,
    );
  }
}
