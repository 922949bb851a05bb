import { MAX_TAG_LENGTH, MAX_TAGS } from "./limits";

/**
 * Checks the tags of a connection, and removes duplicates.
 *
 * @param tags at most 10, each of 1 to 256 characters.
 * @throws TypeError if it is not an array of strings. RangeError if a limit is exceeded.
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
