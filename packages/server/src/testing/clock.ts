import { Timers } from "./timers";

/** The platform's own, from before the clock replaces them. */
const RealDate = Date;
const realNow = Date.now.bind(Date);
const realUptime = performance.now.bind(performance);

/** A move of the clock. */
interface Move {
  /** The real time of the move, in ms since 1970. */
  readonly atMs: number;
  /** How far the clock is ahead from then on. */
  readonly aheadMs: number;
}

/**
 * The clock that `advance` moves: `Date`, `performance.now` and timers. It runs as the real clock
 * does, ahead of it. The room, its clients and the test share it, since they run in one isolate.
 */
class Clock {
  readonly timers = new Timers(() => this.nowMs);
  readonly #date = new Proxy(RealDate, {
    construct: (date, given: unknown[], target: new () => Date) =>
      Reflect.construct(date, given.length > 0 ? given : [Date.now()], target) as Date,
    apply: () => new RealDate(Date.now()).toString(),
  });
  readonly #performanceNow = () => realUptime() + this.#aheadMs;
  #rooms = 0;
  #moves: Move[] = [];

  /** Now, in ms since 1970. */
  get nowMs(): number {
    return realNow() + this.#aheadMs;
  }

  /** A room needs the clock, until `release`. */
  hold(): void {
    this.#rooms += 1;
    if (this.#rooms > 1) return;
    this.timers.hold();
    this.replaceTime();
  }

  /** Replaces the time again, which Vitest puts right after its own fake one. */
  replaceTime(): void {
    RealDate.now = () => this.nowMs;
    this.#replaceDate(this.#date);
    performance.now = this.#performanceNow;
  }

  /**
   * The last room puts the clock right. A fake one of Vitest stays until Vitest removes it: it finds
   * what it has replaced, which is the real time by now.
   */
  release(): void {
    this.#rooms -= 1;
    if (this.#rooms > 0) return;
    this.#moves = [];
    this.timers.release();
    RealDate.now = realNow;
    if (Date === this.#date) this.#replaceDate(RealDate);
    else this.#leaveDate();
    if (performance.now === this.#performanceNow) performance.now = realUptime;
  }

  /** Moves the clock forward to a time. */
  moveTo(timeMs: number): void {
    const atMs = realNow();
    if (timeMs > this.nowMs) this.#moves.push({ atMs, aheadMs: timeMs - atMs });
  }

  /** The time of this clock at a real time. */
  timeOf(realMs: number): number {
    const move = this.#moves.findLast(({ atMs }) => atMs <= realMs);
    return realMs + (move?.aheadMs ?? 0);
  }

  /** Libraries compare `date.constructor` with `Date`. All dates have one prototype. */
  #replaceDate(date: DateConstructor): void {
    globalThis.Date = date;
    Object.defineProperty(RealDate.prototype, "constructor", {
      value: date,
      configurable: true,
      writable: true,
    });
  }

  /** Vitest may bring back this clock's `Date` or the platform's. */
  #leaveDate(): void {
    Object.defineProperty(RealDate.prototype, "constructor", {
      get: () => (Date === this.#date ? this.#date : RealDate),
      configurable: true,
    });
  }

  get #aheadMs(): number {
    return this.#moves.at(-1)?.aheadMs ?? 0;
  }
}

/** The one clock of this isolate. */
export const clock = new Clock();

/** The classes of `ctx` whose time stamps follow the clock. */
const followers = new WeakSet<object>();

/** Lets the time stamps of pings follow the clock: the platform writes them. */
export function followClock(ctx: DurableObjectState): void {
  const prototype = Object.getPrototypeOf(ctx) as DurableObjectState;
  if (followers.has(prototype)) return;
  followers.add(prototype);
  // oxlint-disable-next-line typescript/unbound-method -- called with the object below
  const { getWebSocketAutoResponseTimestamp: stampOf } = prototype;
  prototype.getWebSocketAutoResponseTimestamp = function stampOnClock(socket) {
    const stamp = stampOf.call(this, socket);
    return stamp && new RealDate(clock.timeOf(stamp.getTime()));
  };
}
