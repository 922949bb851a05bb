import { randomKey } from "@partyflare/shared";
import { attempt } from "./attempt";

const NAME = "partyflare key";

/** As `randomKey` makes it. */
const KEY = /^[\w-]{22}$/;

/** The same for as long as the page lives, also where another tab or the user changes the storage. */
let ofThisPage: string | undefined;

/**
 * The key of this browser: the same in all its tabs, in `localStorage`. A room then knows them for
 * one client, without accounts. Where nothing can be kept, it is this page's alone.
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
