import { base64Url } from "@partyflare/shared/internal";

/** The identity of a client: of a connection, or of one that is not open yet. */
interface Identified {
  readonly id: string;
  /** Base64url of the SHA-256 of the client's key; null if it has none. */
  readonly keyHash: string | null;
}

/** 128 bits of a hash tell all clients of a room apart, and are short enough to show. */
const CLIENT_BYTES = 16;

/**
 * Returns a text for the client behind a connection, which may be shown and stored. It is the first
 * 128 bits of its key's SHA-256 as base64url (22 characters). Without a key it is `id:` and the id;
 * any client without a key may take it.
 */
export function clientOf({ id, keyHash }: Identified): string {
  if (keyHash === null) return `id:${id}`;
  const bytes = atob(keyHash.replaceAll("-", "+").replaceAll("_", "/")).slice(0, CLIENT_BYTES);
  return base64Url(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)));
}
