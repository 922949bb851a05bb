import { PartyError, randomKey } from "@partyflare/shared";
import { MAX_CONNECTION_ID_LENGTH } from "@partyflare/shared/internal";

/**
 * A new id for a connection. Not by `crypto.randomUUID`, which pages without HTTPS do not have.
 */
export const randomId: () => string = randomKey;

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
