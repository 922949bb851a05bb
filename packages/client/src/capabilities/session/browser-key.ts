import { randomKey } from "@partyflare/shared";
import { attempt } from "./attempt";

const NAME = "partyflare key";

/** As `randomKey` makes it. */
const KEY = /^[\w-]{22}$/;

/** For a page that may keep nothing: the same for as long as it lives. */
let ofThisPage: string | undefined;

/**
 * The key of this browser: the same in all its tabs, in `localStorage`. A room then knows them for
 * one client, without accounts. Where nothing can be kept, it is this page's alone.
 *
 * @example
 * connect({ party: "poll", room: "lunch", key: browserKey() });
 */
export function browserKey(): string {
  const kept = read();
  if (kept !== undefined) return kept;
  ofThisPage ??= randomKey();
  const made = ofThisPage;
  attempt(() => localStorage.setItem(NAME, made));
  return made;
}

function read(): string | undefined {
  const kept = attempt(() => localStorage.getItem(NAME));
  return kept && KEY.test(kept) ? kept : undefined;
}
