/** Who connects, as far as its URL tells. */

/** The tags of a connection: what `&tag=` says, if it is there. */
export function tagsOf({ url }: Request): string[] {
  // Not `new URL`: it would cost where no tag is asked for, too.
  const at = url.indexOf("&tag=");
  return at < 0 ? [] : [url.slice(at + "&tag=".length)];
}

/** The id that `_pk` gives, which comes before the tag. */
export function idOf({ url }: Request): string {
  return url.slice(url.indexOf("?_pk=") + "?_pk=".length, url.indexOf("&tag="));
}
