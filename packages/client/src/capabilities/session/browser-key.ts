import { randomKey } from "@partyflare/shared";
import { attempt } from "./attempt";

const NAME = "partyflare key";

/** The format of a `randomKey`. */
const KEY = /^[\w-]{22}$/;

/** The key of this page. It stays the same if another tab or the user changes the storage. */
let ofThisPage: string | undefined;

/**
 * Returns this browser's key, which `localStorage` shares among all its tabs. A room then treats
 * the tabs as one client, without accounts. If nothing can be stored, the key is this page's alone.
 *
 * @example
 * connect({ party: "poll", room: "lunch", key: browserKey() });
 */
export function browserKey(): string {
  if (ofThisPage !== undefined) return ofThisPage;
  const key = read() ?? randomKey();
  attempt(() => localStorage.setItem(NAME, key));
  return (ofThisPage = key);
}

function read(): string | undefined {
  const kept = attempt(() => localStorage.getItem(NAME));
  return kept && KEY.test(kept) ? kept : undefined;
}
