import { base64Url } from "@partyflare/shared/internal";

/** What identifies a client: a connection, or what the room knows of one that is to come. */
interface Identified {
  readonly id: string;
  /** Base64url of the SHA-256 of the client's key; null where it has none. */
  readonly keyHash: string | null;
}

/** 128 bits of a hash tell all clients of a room apart, and are short enough to show. */
const CLIENT_BYTES = 16;

/**
 * The client behind a connection, as a text that may be shown and stored: the first 128 bits of its
 * key's SHA-256 as base64url (22 characters). A client without a key is `id:` and its id, which any
 * client without a key may take.
 */
export function clientOf({ id, keyHash }: Identified): string {
  if (keyHash === null) return `id:${id}`;
  const bytes = atob(keyHash.replaceAll("-", "+").replaceAll("_", "/")).slice(0, CLIENT_BYTES);
  return base64Url(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)));
}
