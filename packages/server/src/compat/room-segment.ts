import { refusedByCode } from "../refusal";

/**
 * Returns the name of a room from its segment of the URL's path.
 *
 * It stays as it is, undecoded: so a room keeps its storage. Clients of this library encode more
 * characters than partysocket does, such as `:` and `@`. Their segment becomes the one with which
 * partysocket reaches the same room.
 */
export function roomOfSegment(request: Request, segment: string): string {
  return refusedByCode(request) ? asPartysocket(segment) : segment;
}

/** partysocket puts a name into the URL as it is, and the URL's parser encodes what it has to. */
function asPartysocket(segment: string): string {
  try {
    // They would end the segment.
    const name = decodeURIComponent(segment).replaceAll(/[/\\?#]/g, encodeURIComponent);
    return new URL(`https://host/${name}`).pathname.slice(1) || segment;
  } catch {
    return segment;
  }
}
