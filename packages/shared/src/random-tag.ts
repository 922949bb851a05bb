import { base64Url } from "./subprotocols";

const TAG_LENGTH = 8;

/**
 * Tags are made in bulk, 128 at a time: the call to the platform takes longer than everything else.
 * Three bytes are four characters.
 */
const BYTES = 768;

let unused = "";

/** Returns a new tag: 48 random bits as 8 characters of base64url. */
export function randomTag(): string {
  if (unused === "") unused = base64Url(crypto.getRandomValues(new Uint8Array(BYTES)));
  const tag = unused.slice(0, TAG_LENGTH);
  unused = unused.slice(TAG_LENGTH);
  return tag;
}
