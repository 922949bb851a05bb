import { MAX_TAG_LENGTH, MAX_TAGS } from "./limits";

/**
 * Checks what a connection is tagged with, and drops repeats.
 *
 * @param tags at most 10 of them, each of 1 to 256 characters.
 * @throws TypeError when it is no array of strings, RangeError when a limit is passed.
 */
export function checkTags(tags: readonly string[]): readonly string[] {
  if (!Array.isArray(tags))
    throw new TypeError(`Tags are an array of strings, not ${typeof tags}.`);
  const unique = [...new Set<string>(tags)];
  if (unique.length > MAX_TAGS) {
    throw new RangeError(`A connection has at most ${MAX_TAGS} tags, not ${unique.length}.`);
  }
  for (const tag of unique) {
    if (typeof tag !== "string") throw new TypeError(`A tag is a string, not ${typeof tag}.`);
    if (tag.length === 0 || tag.length > MAX_TAG_LENGTH) {
      throw new RangeError(`A tag has 1 to ${MAX_TAG_LENGTH} characters, not ${tag.length}.`);
    }
  }
  return Object.freeze(unique);
}
