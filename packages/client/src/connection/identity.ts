import { base64Url, PartyError, randomKey, MAX_CONNECTION_ID_LENGTH } from "@partyflare/shared";

/**
 * A new id for a connection. Not by `crypto.randomUUID`, which pages without HTTPS do not have.
 */
export function randomId(): string {
  return base64Url(crypto.getRandomValues(new Uint8Array(16)));
}

/** What a client is known by. */
export interface Identity {
  readonly id: string;
  readonly key: string;
}

/** A client's own id and key, checked, or random ones. */
export function identityOf({ id = randomId(), key = randomKey() }: Partial<Identity>): Identity {
  if (!/^[\x21-\x7e]+$/.test(id) || id.length > MAX_CONNECTION_ID_LENGTH) {
    const message = `An id has 1 to ${MAX_CONNECTION_ID_LENGTH} visible ASCII characters.`;
    throw new PartyError("invalid", { message });
  }
  if (!/^[\w-]+$/.test(key)) {
    throw new PartyError("invalid", { message: "A key is base64url, as `randomKey()` makes it." });
  }
  return { id, key };
}

/** What is logged of a socket, with its key and its token left out. */
export function withoutSecrets(detail: unknown): unknown {
  if (typeof detail !== "object" || detail === null || !("protocols" in detail)) return detail;
  const protocols = Array.isArray(detail.protocols) ? detail.protocols : [];
  return {
    ...detail,
    protocols: protocols.map((protocol) =>
      String(protocol).replace(/^(partyflare\.(?:key|token)\.).*/s, "$1…"),
    ),
  };
}
