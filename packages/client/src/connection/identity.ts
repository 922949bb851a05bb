import { randomKey } from "@partyflare/shared";
import { invalidOption, MAX_CONNECTION_ID_LENGTH } from "@partyflare/shared/internal";

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
  if (!/^[\x21-\x7e]+$/.test(id) || id.length > MAX_CONNECTION_ID_LENGTH) throw invalidOption("id");
  if (!/^[\w-]+$/.test(key)) throw invalidOption("key");
  return { id, key };
}
