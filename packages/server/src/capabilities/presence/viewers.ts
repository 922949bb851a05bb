import type { WireSnapshot } from "@partyflare/shared/internal";
import type { Host, RoomConnection } from "../capability";
import { ChangeFrame, type Changes, type Counts } from "./changes";
import type { Hooks } from "./hooks";
import { keptDevice, type Member, type MemberView, wireWith } from "./member";
import type { MemberList } from "./member-list";

/** Whether a viewer may see a member. */
export type Visible = (member: MemberView, viewer: RoomConnection) => unknown;

/**
 * For how many windows a slow reader is spared before it gets the whole list anyway. Then it has to
 * read, or the room closes it for its unread bytes.
 */
const MAX_SPARED_WINDOWS = 64;

/** What a viewer was told last, in a room with `visible`. */
interface Sight extends Counts {
  /** The keys of the members that it may see. */
  readonly visible: Set<string>;
  /** Those of them that are listed to it. */
  readonly shown: Set<string>;
}

/**
 * What each client is shown of the members. It sends one frame to all, unless `visible` makes the
 * clients differ.
 */
export class Viewers {
  readonly #host: Host;
  readonly #hooks: Hooks;
  readonly #list: MemberList;
  readonly #visible: Visible | undefined;
  readonly #sights = new WeakMap<RoomConnection, Sight>();
  /** Viewers that get the whole list next, and for how many windows each has been spared. */
  readonly #stale = new Map<RoomConnection, number>();
  /** With `visible`: viewers whose state or tags have changed. */
  readonly #reviewed = new Set<RoomConnection>();

  constructor(host: Host, hooks: Hooks, list: MemberList, visible: Visible | undefined) {
    this.#host = host;
    this.#hooks = hooks;
    this.#list = list;
    this.#visible = visible;
  }

  /** Returns the whole list for a viewer, with its own connection even if it is not listed yet. */
  snapshot(viewer: RoomConnection): WireSnapshot {
    const kept = keptDevice(viewer);
    const own = kept && { ...kept, connection: viewer };
    const isNew = own !== undefined && !this.#list.get(own.key);
    const visible = Array.from(this.#list.all()).filter((member) => this.#sees(viewer, member));
    const members = visible.flatMap((member) => {
      if (member.key !== own?.key) return member.isUnlisted ? [] : [member.wire];
      return [this.#list.deviceOf(viewer) ? member.wire : wireWith(member, own)];
    });
    if (isNew) members.push(wireWith(undefined, own));
    const size = visible.length + (isNew ? 1 : 0);
    const partial = this.#visible ? members.length < size : this.#list.isPartial(size);
    if (this.#visible) {
      const keys = visible.map(({ key }) => key);
      this.#sights.set(viewer, {
        visible: new Set(isNew ? [...keys, own.key] : keys),
        shown: new Set(members.map(({ key }) => key)),
        size,
        partial,
      });
    }
    return { me: own?.key ?? null, members, size, partial };
  }

  /** Restores what viewers are shown, after a wake-up: what `visible` has returned is forgotten. */
  restore(): void {
    if (!this.#visible) return;
    for (const viewer of this.#host.subscribers()) this.refresh(viewer);
  }

  /** The viewer gets the whole list next. */
  refresh(viewer: RoomConnection): void {
    this.#stale.set(viewer, 0);
  }

  /**
   * The state or the tags of a viewer have changed.
   *
   * @returns whether that may change what it is shown.
   */
  review(viewer: RoomConnection): boolean {
    if (this.#visible) this.#reviewed.add(viewer);
    return this.#visible !== undefined;
  }

  forget(viewer: RoomConnection): void {
    this.#stale.delete(viewer);
    this.#reviewed.delete(viewer);
  }

  /**
   * Sends changes to the viewers.
   *
   * @param wereUnlisted the keys of members that were not listed before the changes.
   * @returns whether each viewer is up to date. Otherwise, call it again after a window.
   */
  send(changes: Changes, wereUnlisted: ReadonlySet<string>): boolean {
    const viewers = [...this.#host.subscribers()];
    for (const viewer of viewers) {
      if (viewer.isBehind && !this.#stale.has(viewer)) this.refresh(viewer);
    }
    const current = viewers.filter((viewer) => !this.#stale.has(viewer));
    const reviewed = new Set(this.#reviewed);
    this.#reviewed.clear();
    this.#sendWhole();
    if (this.#visible) this.#sendVisible(current, changes, reviewed);
    else if (!changes.areNone) this.#sendCommon(current, changes, wereUnlisted);
    return this.#stale.size === 0;
  }

  /** Sends the whole list to the viewers that need it, and can take it. */
  #sendWhole(): void {
    for (const [viewer, spared] of this.#stale) {
      if (viewer.isBehind && spared < MAX_SPARED_WINDOWS) this.#stale.set(viewer, spared + 1);
      else {
        this.#stale.delete(viewer);
        this.#host.send([viewer], () => this.snapshot(viewer));
      }
    }
  }

  /** Sends one frame to all. A client whose own member is not listed also gets its own changes. */
  #sendCommon(
    viewers: readonly RoomConnection[],
    changes: Changes,
    wereUnlisted: ReadonlySet<string>,
  ): void {
    const frameBut = (own?: string) => {
      const frame = new ChangeFrame(changes);
      for (const key of changes.keys) {
        const member = this.#list.get(key);
        const wasListed = !wereUnlisted.has(key);
        if (member && (key === own || !member.isUnlisted)) frame.show(member, wasListed);
        else if (wasListed && key !== own) frame.hide(key);
      }
      const counts = { size: this.#list.size, partial: this.#list.isPartial() };
      return frame.payload(changes.whole.size > 0 ? counts : undefined);
    };
    const payload = frameBut();
    const isListed = (viewer: RoomConnection) => !this.#unlistedOf(viewer, changes);
    if (payload) this.#host.send(viewers.filter(isListed), () => payload);
    if (!this.#list.isPartial()) return;
    for (const viewer of viewers) {
      const own = this.#unlistedOf(viewer, changes);
      if (!own) continue;
      // The frame for all would remove it from its own list.
      if (!wereUnlisted.has(own.key)) this.#tell(viewer, frameBut(own.key));
      else {
        const frame = new ChangeFrame(changes);
        frame.show(own, true);
        this.#tell(viewer, payload);
        this.#tell(viewer, frame.payload());
      }
    }
  }

  /** Returns a viewer's own member if that has changed, and is not listed. */
  #unlistedOf(viewer: RoomConnection, changes: Changes): Member | undefined {
    const key = this.#list.isPartial() ? keptDevice(viewer)?.key : undefined;
    const own = key !== undefined && changes.has(key) ? this.#list.get(key) : undefined;
    return own?.isUnlisted ? own : undefined;
  }

  #sendVisible(
    viewers: readonly RoomConnection[],
    changes: Changes,
    reviewed: ReadonlySet<RoomConnection>,
  ): void {
    for (const viewer of viewers) {
      const sight = this.#sights.get(viewer);
      if (!sight) continue;
      const { visible, shown } = sight;
      const own = keptDevice(viewer)?.key;
      const frame = new ChangeFrame(changes);
      for (const key of reviewed.has(viewer) ? this.#allKeys(changes) : changes.keys) {
        const member = this.#list.get(key);
        const wasShown = shown.has(key);
        const isVisible = member !== undefined && this.#sees(viewer, member);
        if (isVisible) visible.add(key);
        else visible.delete(key);
        if (isVisible && (key === own || !member.isUnlisted)) {
          shown.add(key);
          frame.show(member, wasShown);
        } else if (shown.delete(key)) frame.hide(key);
      }
      const counts = { size: visible.size, partial: shown.size < visible.size };
      const isCounted = counts.size === sight.size && counts.partial === sight.partial;
      this.#sights.set(viewer, { ...sight, ...counts });
      // A frame with counts that have not changed would tell that a hidden member has moved.
      this.#tell(viewer, frame.payload(isCounted ? undefined : counts));
    }
  }

  #tell(viewer: RoomConnection, payload: object | undefined): void {
    if (payload) this.#host.send([viewer], () => payload);
  }

  #allKeys(changes: Changes): Set<string> {
    return new Set([...changes.keys, ...Array.from(this.#list.all(), ({ key }) => key)]);
  }

  /** Whether a viewer may see a member, whether it is listed or not. */
  #sees(viewer: RoomConnection, member: Member): boolean {
    const visible = this.#visible;
    if (!visible || member.key === keptDevice(viewer)?.key) return true;
    return this.#hooks.ask("visible", () => visible(member.view, viewer), Boolean, false, viewer);
  }
}
