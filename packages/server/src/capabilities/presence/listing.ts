import type { Host } from "../capability";
import type { Changes } from "./changes";
import type { Hooks } from "./hooks";
import type { Member, MemberView } from "./member";
import type { MemberList } from "./member-list";

/** Picks the members of a large room that its clients are sent. */
export class Listing {
  readonly #host: Host;
  readonly #hooks: Hooks;
  readonly #list: MemberList;
  readonly #maxListed: number;
  readonly #pick: ((members: readonly MemberView[]) => unknown) | undefined;

  constructor(
    host: Host,
    hooks: Hooks,
    list: MemberList,
    settings: {
      maxListed: number;
      list?: ((members: readonly MemberView[]) => unknown) | undefined;
    },
  ) {
    this.#host = host;
    this.#hooks = hooks;
    this.#list = list;
    this.#maxListed = settings.maxListed;
    this.#pick = settings.list;
  }

  /** Returns the keys of members that are not listed. */
  unlisted(): Set<string> {
    const keys = new Set<string>();
    for (const { key, isUnlisted } of this.#list.all()) if (isUnlisted) keys.add(key);
    return keys;
  }

  /** Picks again. The members that enter or leave the list count as changed. */
  update(changes: Changes): void {
    const picked = this.#list.isPartial() ? this.#picked() : undefined;
    for (const member of this.#list.all()) {
      const isUnlisted = picked?.has(member.key) === false;
      if (isUnlisted === member.isUnlisted) continue;
      changes.add(member.key);
      this.#mark(member, isUnlisted);
    }
  }

  /** Kept, so that a room that wakes up knows what its clients are shown. */
  #mark(member: Member, isUnlisted: boolean): void {
    member.isUnlisted = isUnlisted;
    for (const { connection, ...kept } of member.devices) {
      const next = { ...kept, isUnlisted };
      this.#list.put(connection, next);
      // It takes no more bytes than before.
      this.#host.runHook(() => connection.data.keep("presence", next), connection);
    }
  }

  #picked(): ReadonlySet<string> {
    const views = Array.from(this.#list.all(), ({ view }) => view);
    const pick = this.#pick;
    const first = new Set(views.slice(0, this.#maxListed).map(({ key }) => key));
    if (!pick) return first;
    return this.#hooks.ask(
      "list",
      () => pick([...views]),
      (result) => this.#keysOf(result),
      first,
    );
  }

  #keysOf(result: unknown): Set<string> {
    if (!Array.isArray(result)) throw new TypeError("presence({ list }) returns members.");
    const keys = new Set<string>();
    for (const member of result.slice(0, this.#maxListed)) keys.add((member as MemberView).key);
    return keys;
  }
}
