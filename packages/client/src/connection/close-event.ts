import { MAX_CLOSE_REASON_BYTES } from "@partyflare/shared";

/**
 * Whether a client may close with this. The platform throws where it may not, and partysocket
 * would then leave the connection open for ever.
 *
 * @throws RangeError where it may not.
 */
export function checkClose(code: number, reason = ""): void {
  if (code !== 1000 && !(Number.isInteger(code) && code >= 3000 && code <= 4999)) {
    throw new RangeError(`A client closes with 1000 or 3000 to 4999, not ${code}.`);
  }
  if (new TextEncoder().encode(reason).length > MAX_CLOSE_REASON_BYTES) {
    throw new RangeError(`A reason has at most ${MAX_CLOSE_REASON_BYTES} bytes of UTF-8.`);
  }
}
