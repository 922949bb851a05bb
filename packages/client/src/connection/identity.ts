import { randomKey } from "@partyflare/shared";
import { invalidOption, MAX_CONNECTION_ID_LENGTH } from "@partyflare/shared/internal";

/**
 * Returns a new random id for a connection. It does not use `crypto.randomUUID`, which pages
 * without HTTPS lack.
 */
export const randomId: () => string = randomKey;

/** A client's id and key. */
export interface Identity {
  readonly id: string;
  readonly key: string;
}

/** Returns the given id and key after checking them. A missing one is random. */
export function identityOf({ id = randomId(), key = randomKey() }: Partial<Identity>): Identity {
  if (!/^[\x21-\x7e]+$/.test(id) || id.length > MAX_CONNECTION_ID_LENGTH) throw invalidOption("id");
  if (!/^[\w-]+$/.test(key)) throw invalidOption("key");
  return { id, key };
}
