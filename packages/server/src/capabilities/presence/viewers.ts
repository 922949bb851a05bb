import { isThenable, type WireSnapshot } from "@partyflare/shared/internal";
import type { Host, RoomConnection } from "../capability";
import { ChangeFrame, type Changes } from "./changes";
import { keptBy, Member, type MemberView } from "./member";
import type { MemberList } from "./member-list";

/** The options that decide what a viewer is shown. */
export interface ViewSettings {
  readonly maxListed: number;
  readonly list?: ((members: readonly MemberView[]) => readonly MemberView[]) | undefined;
  readonly visible?: ((member: MemberView, viewer: RoomConnection) => unknown) | undefined;
}

/**
 * For how many windows a slow reader is spared before it gets the whole list anyway. Then it has to
 * read, or the room closes it for its unread bytes.
 */
const MAX_SPARED_WINDOWS = 64;

/**
 * What each client is shown of the members. It sends one frame to all, unless `visible` makes the
 * clients differ.
 */
export class Viewers {
  readonly #host: Host;
  readonly #settings: ViewSettings;
  readonly #list: MemberList;
  /** With `visible`: the keys that each viewer was shown. */
  readonly #shown = new Map<RoomConnection, Set<string>>();
  /** Viewers that get the whole list next, and for how many windows each has been spared. */
  readonly #stale = new Map<RoomConnection, number>();
  /** With `visible`: viewers whose state or tags have changed. */
  readonly #reviewed = new Set<RoomConnection>();

  constructor(host: Host, settings: ViewSettings, list: MemberList) {
    this.#host = host;
    this.#settings = settings;
    this.#list = list;
  }

  /** Returns the whole list for a viewer, with its own connection even if it is not listed yet. */
  snapshot(viewer: RoomConnection): WireSnapshot {
    const own = keptBy(viewer);
    const known = own && this.#list.get(own.key);
    const members = Array.from(this.#list.all(), (member) => {
      if (own && member === known) return member.wireWith({ ...own, connection: viewer });
      return this.#shows(viewer, member) ? member.wire : [];
    }).flat();
    const isNew = own && !known;
    if (isNew)
      members.push(new Member(own.key, own.joined).wireWith({ ...own, connection: viewer }));
    if (this.#settings.visible) this.#shown.set(viewer, new Set(members.map(({ key }) => key)));
    const { size, partial } = this.#countsFor(viewer);
    return { me: own?.key ?? null, members, size: isNew ? size + 1 : size, partial };
  }

  /** Restores what viewers are shown, after a wake-up: what `visible` has returned is forgotten. */
  restore(): void {
    if (!this.#settings.visible) return;
    for (const viewer of this.#host.subscribers()) this.refresh(viewer);
  }

  /** The viewer gets the whole list next. */
  refresh(viewer: RoomConnection): void {
    this.#stale.set(viewer, 0);
  }

  /** The state or the tags of a viewer have changed. */
  review(viewer: RoomConnection): void {
    if (this.#settings.visible) this.#reviewed.add(viewer);
  }

  forget(viewer: RoomConnection): void {
    this.#shown.delete(viewer);
    this.#stale.delete(viewer);
    this.#reviewed.delete(viewer);
  }

  /**
   * Sends changes to the viewers.
   *
   * @returns whether each viewer is up to date. Otherwise, call it again after a window.
   */
  send(changes: Changes): boolean {
    const unlisted = new Set(this.#unlisted());
    if (changes.whole.size > 0) this.#pickAgain(changes);
    const viewers = [...this.#host.subscribers()];
    for (const viewer of viewers)
      if (viewer.isBehind && !this.#stale.has(viewer)) this.refresh(viewer);
    const current = viewers.filter((viewer) => !this.#stale.has(viewer));
    this.#sendWhole();
    if (this.#settings.visible) this.#sendVisible(current, changes);
    else if (!changes.areNone) this.#sendCommon(current, changes, unlisted);
    this.#reviewed.clear();
    return this.#stale.size === 0;
  }

  /** Sends the whole list to the viewers that need it, and can take it. */
  #sendWhole(): void {
    for (const [viewer, spared] of [...this.#stale]) {
      if (viewer.isBehind && spared < MAX_SPARED_WINDOWS) this.#stale.set(viewer, spared + 1);
      else {
        this.#stale.delete(viewer);
        this.#host.send([viewer], () => this.snapshot(viewer));
      }
    }
  }

  /**
   * One frame for all. A member that is not listed gets a frame of its own, with itself.
   *
   * @param wereUnlisted the keys of members that were not listed before.
   */
  #sendCommon(
    viewers: readonly RoomConnection[],
    changes: Changes,
    wereUnlisted: ReadonlySet<string>,
  ): void {
    const { keys } = changes;
    const counts = { size: this.#list.size, partial: this.#isPartial };
    const frameFor = (own?: string) => {
      const frame = new ChangeFrame();
      for (const key of keys) {
        const was = key === own || !wereUnlisted.has(key);
        const is = key === own || !this.#list.get(key)?.isUnlisted;
        frame.add(key, this.#list, changes, { was, is });
      }
      return frame.payload(counts);
    };
    const ownKeyOf = (viewer: RoomConnection) => {
      const own = this.#isPartial ? keptBy(viewer)?.key : undefined;
      return own && keys.has(own) && this.#list.get(own)?.isUnlisted ? own : undefined;
    };
    const payload = frameFor();
    const others = viewers.filter((viewer) => ownKeyOf(viewer) === undefined);
    if (payload) this.#host.send(others, () => payload);
    for (const viewer of viewers) {
      const own = ownKeyOf(viewer);
      const alone = own === undefined ? undefined : frameFor(own);
      if (alone) this.#host.send([viewer], () => alone);
    }
  }

  #sendVisible(viewers: readonly RoomConnection[], changes: Changes): void {
    const changed = changes.keys;
    for (const viewer of viewers) {
      const shown = this.#shown.get(viewer) ?? new Set();
      this.#shown.set(viewer, shown);
      const isReviewed = this.#reviewed.has(viewer);
      const keys = isReviewed ? this.#allKeys(changed, shown) : changed;
      const own = keptBy(viewer)?.key;
      const frame = new ChangeFrame();
      for (const key of keys) {
        const member = this.#list.get(key);
        const is = member !== undefined && (key === own || this.#shows(viewer, member));
        frame.add(key, this.#list, changes, { was: shown.has(key), is });
        if (is) shown.add(key);
        else shown.delete(key);
      }
      const payload = frame.payload(this.#countsFor(viewer));
      if (payload) this.#host.send([viewer], () => payload);
    }
  }

  #allKeys(changed: Iterable<string>, shown: Iterable<string>): Set<string> {
    return new Set([...changed, ...shown, ...Array.from(this.#list.all(), ({ key }) => key)]);
  }

  #shows(viewer: RoomConnection, member: Member): boolean {
    return !member.isUnlisted && this.#isVisible(viewer, member);
  }

  #isVisible(viewer: RoomConnection, member: Member): boolean {
    const { visible } = this.#settings;
    if (!visible) return true;
    let isVisible = false;
    this.#host.runHook(() => {
      const result = visible(member.view, viewer);
      if (isThenable(result))
        throw new TypeError("presence({ visible }) is a synchronous function.");
      isVisible = Boolean(result);
    }, viewer);
    return isVisible;
  }

  #countsFor(viewer: RoomConnection): { size: number; partial: boolean } {
    const partial = this.#isPartial;
    if (!this.#settings.visible) return { size: this.#list.size, partial };
    const own = keptBy(viewer)?.key;
    const members = Array.from(this.#list.all());
    const isSeen = (member: Member) => member.key === own || this.#isVisible(viewer, member);
    return { size: members.filter(isSeen).length, partial };
  }

  get #isPartial(): boolean {
    return this.#list.size > this.#settings.maxListed;
  }

  #unlisted(): string[] {
    return Array.from(this.#list.all()).flatMap(({ key, isUnlisted }) => (isUnlisted ? [key] : []));
  }

  /** Picks the members to list anew. Those that enter or leave the list count as changed. */
  #pickAgain(changes: Changes): void {
    const picked = this.#isPartial ? this.#pick() : undefined;
    for (const member of this.#list.all()) {
      const isUnlisted = picked?.has(member.key) === false;
      if (isUnlisted === member.isUnlisted) continue;
      changes.add(member.key);
      // Kept, so that a room that wakes up knows what its clients are shown.
      for (const { connection, ...kept } of [...member.devices]) {
        const next = { ...kept, isUnlisted };
        this.#list.put(connection, next);
        // An attachment without room for it: a change after a wake-up may be told twice.
        this.#host.runHook(() => connection.data.keep("presence", next), connection);
      }
      member.isUnlisted = isUnlisted;
    }
  }

  #pick(): ReadonlySet<string> {
    const { maxListed, list } = this.#settings;
    const views = Array.from(this.#list.all(), ({ view }) => view);
    let picked: readonly MemberView[] = views;
    if (list) {
      this.#host.runHook(() => {
        const result: unknown = list([...views]);
        if (!Array.isArray(result)) throw new TypeError("presence({ list }) returns members.");
        picked = result as MemberView[];
      });
    }
    return new Set(picked.slice(0, maxListed).map(({ key }) => key));
  }
}
