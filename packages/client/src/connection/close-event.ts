import { MAX_CLOSE_REASON_BYTES, utf8Length } from "@partyflare/shared/internal";

/** RFC 6455 §7.4.1: closed without a Close frame. */
export const ABNORMAL_CLOSURE = 1006;

/** The end of a connection, or of an attempt to connect. A `CloseEvent` has this form. */
export interface Close {
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;
}

/** The event of an ended connection, or of a failed attempt to connect. */
export class PartyCloseEvent extends Event implements Close {
  /**
   * The close code. It is 1006 without a Close frame: after a failed attempt, or if the network is
   * lost.
   */
  readonly code: number;
  /** The reason from the side that closed; often empty. */
  readonly reason: string;
  /** Whether both sides agreed to close. */
  readonly wasClean: boolean;

  constructor({ code, reason, wasClean }: Close) {
    super("close");
    this.code = code;
    this.reason = reason;
    this.wasClean = wasClean;
  }
}

/** Returns the close of an attempt or a connection that ended without a Close frame. */
export function abnormalClose(reason = ""): Close {
  return { code: ABNORMAL_CLOSURE, reason, wasClean: false };
}

/**
 * Checks a close code and reason from the app, so that the platform does not throw halfway.
 *
 * @throws RangeError for a code that is neither 1000 nor 3000 to 4999, or a reason longer than 123
 *   bytes of UTF-8.
 */
export function checkClose(code = 1000, reason = ""): void {
  const isCode = code === 1000 || (Number.isInteger(code) && code >= 3000 && code <= 4999);
  if (!isCode || utf8Length(reason) > MAX_CLOSE_REASON_BYTES) {
    throw new RangeError(
      `A close has 1000 or 3000 to 4999 and at most ${MAX_CLOSE_REASON_BYTES} bytes.`,
    );
  }
}
