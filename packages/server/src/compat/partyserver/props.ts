import { logError } from "../../log";

/** The headers by which the Worker tells a server of a request's address. */
export const NAMESPACE_HEADER = "x-partykit-namespace";
export const JURISDICTION_HEADER = "x-partykit-jurisdiction";
export const NAME_HEADER = "x-partykit-room";
export const PROPS_HEADER = "x-partykit-props";

/** Returns props as the value of a header: base64 of their JSON, since a header holds ASCII only. */
export function encodeProps(props: unknown): string {
  const bytes = new TextEncoder().encode(JSON.stringify(props));
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

/** Reads props from the value of a header; undefined for a header that is no props. */
export function decodeProps(header: string | null): unknown {
  if (header === null) return undefined;
  try {
    // A Worker with an older partyserver sends the JSON itself, which base64 never looks like.
    if (/^\s*[[{]/.test(header)) return JSON.parse(header);
    const bytes = Uint8Array.from(atob(header), (character) => character.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    logError(`the header ${PROPS_HEADER} holds no props`, error);
    return undefined;
  }
}
