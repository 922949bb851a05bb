import type { Host, RoomConnection } from "../capability";
import type { Member } from "./member";
import type { MemberList } from "./member-list";

/** The grace periods of members without a device. One timer runs for the first that ends. */
export class Grace {
  readonly #host: Host;
  readonly #ms: number;
  readonly #list: MemberList;
  readonly #onEnd: (member: Member) => void;
  /** When the next timer fires, in ms since 1970. */
  #endsAtMs = Infinity;

  constructor(host: Host, ms: number, list: MemberList, onEnd: (member: Member) => void) {
    this.#host = host;
    this.#ms = ms;
    this.#list = list;
    this.#onEnd = onEnd;
  }

  /** The member has lost its last device. */
  start(member: Member, { silentSinceMs }: RoomConnection): void {
    const nowMs = this.#host.now();
    member.leavesAtMs = (silentSinceMs ?? nowMs) + this.#ms;
    if (member.leavesAtMs <= nowMs) this.#onEnd(member);
    else this.#wait();
  }

  #wait(): void {
    let endsAtMs = Infinity;
    for (const { leavesAtMs = Infinity } of this.#list.all()) {
      endsAtMs = Math.min(endsAtMs, leavesAtMs);
    }
    if (endsAtMs >= this.#endsAtMs) return;
    this.#endsAtMs = endsAtMs;
    this.#host.later(() => this.#end(endsAtMs), Math.max(0, endsAtMs - this.#host.now()));
  }

  /**
   * @param dueMs the time for which the timer was set. It counts even if the clock has not reached
   *   it: the clock may have been set back, and a room without timers does not wait.
   */
  #end(dueMs: number): void {
    if (dueMs === this.#endsAtMs) this.#endsAtMs = Infinity;
    const nowMs = this.#host.now();
    for (const member of this.#list.all()) {
      const { leavesAtMs } = member;
      if (leavesAtMs === undefined) continue;
      const isOver = leavesAtMs <= Math.max(nowMs, dueMs) || leavesAtMs > nowMs + this.#ms;
      if (isOver) this.#onEnd(member);
    }
    this.#wait();
  }
}
