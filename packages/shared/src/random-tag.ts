const TAG_LENGTH = 8;

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Asked for together: to ask the platform takes longer than all the rest. */
const RANDOM = new Uint8Array(TAG_LENGTH * 128);

let used = RANDOM.length;

/** A new tag: 48 random bits as 8 characters of base64url. */
export function randomTag(): string {
  if (used === RANDOM.length) {
    crypto.getRandomValues(RANDOM);
    used = 0;
  }
  let tag = "";
  for (const end = used + TAG_LENGTH; used < end; used += 1) {
    tag += ALPHABET[(RANDOM[used] ?? 0) % ALPHABET.length];
  }
  return tag;
}
