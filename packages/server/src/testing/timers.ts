/** The platform's own timers, from before these replace them. */
const { setTimeout: setReal, setInterval: repeatReal, clearTimeout: clearReal } = globalThis;

/** A timer of a room, of a client or of the test. */
interface Timer {
  /** When it fires, on the clock. */
  dueAtMs: number;
  /** The time between two runs in ms; undefined for a timer that fires once. */
  readonly everyMs: number | undefined;
  /** The platform's timer. */
  handle: number;
  /** A socket of the Durable Object that has started the timer: no other one can read it. */
  readonly owner: WebSocket;
  readonly run: () => void;
}

/**
 * The timers of one isolate. They fire as the platform's do, and earlier after the clock has moved.
 *
 * A timer belongs to the Durable Object that has started it: the test's, or a room. Its function has
 * to run there, or the platform refuses its I/O.
 */
export class Timers {
  readonly #now: () => number;
  /** By the id that `setTimeout` has returned. */
  readonly #timers = new Map<unknown, Timer>();
  /** Those of rooms whose test is over, to clear by their ids. They do not keep a room in memory. */
  readonly #released = new Map<unknown, WeakRef<Timer>>();
  #isHeld = false;

  /** @param now the time of the clock, in ms since 1970. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Takes notes of timers from now on. The replaced functions stay: see `release`. */
  hold(): void {
    this.#isHeld = true;
    Object.assign(globalThis, {
      setTimeout: this.#setTimeout,
      setInterval: this.#setInterval,
      clearTimeout: this.#clear,
      clearInterval: this.#clear,
    });
  }

  /**
   * Leaves new timers to the platform, and forgets the others: they would keep their rooms in memory.
   * Those that have another timer of the platform by now can still be cleared by their ids.
   */
  release(): void {
    this.#isHeld = false;
    for (const [id, timer] of this.#released) {
      if (timer.deref() === undefined) this.#released.delete(id);
    }
    for (const [id, timer] of this.#timers) {
      const isReplaced = timer.handle !== id || timer.everyMs !== undefined;
      if (isReplaced) this.#released.set(id, new WeakRef(timer));
    }
    this.#timers.clear();
  }

  /** When the next timer fires, of all Durable Objects; undefined without one. */
  get nextMs(): number | undefined {
    const times = Array.from(this.#timers.values(), ({ dueAtMs }) => dueAtMs);
    return times.length > 0 ? Math.min(...times) : undefined;
  }

  /** Whether there are timers up to a time that have not run. */
  areDue(atMs: number): boolean {
    return (this.nextMs ?? Infinity) <= atMs;
  }

  /** The delays of the timers of this Durable Object, in ms. */
  get ownDelaysMs(): number[] {
    return this.#own.map(([, { dueAtMs }]) => Math.max(0, Math.ceil(dueAtMs - this.#now())));
  }

  /** Runs the timers of this Durable Object that are due, in the order of their times. */
  runDue(): void {
    const nowMs = this.#now();
    const due = this.#own.filter(([, { dueAtMs }]) => dueAtMs <= nowMs);
    due.sort(([, a], [, b]) => a.dueAtMs - b.dueAtMs);
    for (const [id, timer] of due) {
      // An earlier one may have cleared it.
      if (this.#timers.get(id) !== timer) continue;
      clearReal(timer.handle);
      try {
        this.#fire(id, timer);
      } catch (error) {
        reportError(error);
      }
    }
  }

  /** Forgets the timers up to a time that did not run: their Durable Objects are gone. */
  forgetDue(atMs: number): void {
    for (const [id, { dueAtMs }] of this.#timers) if (dueAtMs <= atMs) this.#timers.delete(id);
  }

  /** Sets the platform's timers of this Durable Object again, since the clock has moved. */
  setAgain(): void {
    for (const [id, timer] of this.#own) {
      clearReal(timer.handle);
      this.#set(id, timer);
    }
  }

  readonly #setTimeout = (callback: unknown, delayMs?: unknown, ...parameters: unknown[]) =>
    this.#start(callback, delayMs, parameters, "once");

  readonly #setInterval = (callback: unknown, delayMs?: unknown, ...parameters: unknown[]) =>
    this.#start(callback, delayMs, parameters, "repeated");

  readonly #clear = (id: unknown): void => {
    const timer = this.#timers.get(id) ?? this.#released.get(id)?.deref();
    this.#timers.delete(id);
    this.#released.delete(id);
    clearReal((timer ? timer.handle : id) as number);
  };

  get #own(): [unknown, Timer][] {
    return Array.from(this.#timers).filter(([, { owner }]) => isOwn(owner));
  }

  #start(callback: unknown, delayMs: unknown, parameters: unknown[], how: "once" | "repeated") {
    if (!this.#isHeld || typeof callback !== "function") {
      const start = how === "once" ? setReal : repeatReal;
      return Reflect.apply(start, globalThis, [callback, delayMs, ...parameters]) as unknown;
    }
    const ms = Math.max(0, Number(delayMs) || 0);
    const timer: Timer = {
      dueAtMs: this.#now() + ms,
      everyMs: how === "repeated" ? Math.max(1, ms) : undefined,
      handle: 0,
      owner: new WebSocketPair()[0],
      run: () => Reflect.apply(callback, undefined, parameters) as void,
    };
    // The id is the first handle. The functions for an id find the timer in the map.
    const id: unknown = setReal(() => this.#fire(id, timer), ms);
    timer.handle = id as number;
    this.#timers.set(id, timer);
    return id;
  }

  #fire(id: unknown, timer: Timer): void {
    if (timer.everyMs === undefined) this.#timers.delete(id);
    else {
      timer.dueAtMs = this.#now() + timer.everyMs;
      this.#set(id, timer);
    }
    timer.run();
  }

  #set(id: unknown, timer: Timer): void {
    const leftMs = Math.max(0, timer.dueAtMs - this.#now());
    timer.handle = setReal(() => this.#fire(id, timer), leftMs);
  }
}

/** Whether the running Durable Object has made a socket. The platform refuses others' sockets. */
export function isOwn(socket: WebSocket): boolean {
  try {
    return socket.readyState >= 0;
  } catch {
    return false;
  }
}
