import { isThenable } from "@partyflare/shared/internal";
import { Journal, type Received } from "./journal";
import { Line } from "./line";
import { waitFor, type WaitOptions } from "./patience";
import type { About } from "./room-kinds";
import { shortened, shown } from "./shown";

/** The part of a test's room that its clients use. */
export interface RoomLink {
  readonly name: string;
  /** The class of the room's object. */
  readonly about: About;
  /** The path of the room's URL. */
  readonly path: string;
  /** Sends the request of an upgrade to the room. */
  upgrade(url: string, headers: Headers): Promise<Response>;
  /** Waits until the room has handled what its clients have sent, and they have what it has sent. */
  settle(): Promise<void>;
  /** The number of connections that the room lists with an id. */
  count(id: string): Promise<number>;
  /** The number of clients of this test with an id that are open. */
  countOpen(id: string): number;
  /** Sends a text to the connections with an id, after everything that the room has sent to them. */
  mark(id: string, text: string): Promise<void>;
  /** How long a wait lasts. */
  timeoutMs(options: WaitOptions | undefined): number;
  /** Throws if the room's test is over. */
  checkIsOpen(what: string): void;
}

/** The close of a connection, as its client saw it. */
export interface SeenClose {
  /** 1006 if the connection was lost. */
  readonly code: number;
  readonly reason: string;
}

type Truthy<Value> = Exclude<Value, false | 0 | "" | null | undefined>;

/** The parts that raw and typed clients share: what came, the waits, and the network. */
export abstract class BaseClient {
  /** @internal */
  protected readonly link: RoomLink;
  /** @internal */
  protected readonly journal = new Journal();
  /** @internal */
  protected readonly line: Line;
  /** @internal Whether the test has closed this client. */
  protected isClosed = false;
  /** @internal How a test goes on after that, for an error. */
  protected readonly remedy: string = "Join again.";

  /** @internal */
  protected constructor(link: RoomLink, headers: HeadersInit | undefined) {
    this.link = link;
    this.line = new Line({
      upgrade: (url, all) => link.upgrade(url, all),
      headers,
      onMessage: (data) => this.heard(data),
      onChange: () => this.journal.changed(),
    });
  }

  /** The connection's id in the room. */
  abstract get id(): string;

  /** Everything that has come so far, in order, also what `next` has returned. */
  get received(): readonly Received[] {
    return this.journal.entries;
  }

  /**
   * Waits until a function returns a truthy value, and returns that value. It looks after everything
   * that comes to this client, and every 10 ms. An error of the function counts as "not yet", so
   * that the function may contain `expect`.
   *
   * @throws Error if it does not happen in time. It lists what came. TypeError if the function returns
   *   a promise, which is truthy: `vi.waitUntil` waits for those.
   *
   * @example
   * await ada.waitUntil(() => ada.presence.size === 2);
   */
  async waitUntil<Value>(check: () => Value, options?: WaitOptions): Promise<Truthy<Value>> {
    let failure: unknown;
    const look = () => {
      failure = undefined;
      let value: Value;
      try {
        value = check();
      } catch (error) {
        failure = error;
        return undefined;
      }
      if (isThenable(value)) {
        throw new TypeError(
          "waitUntil takes a function that returns a value, not a promise. Use vi.waitUntil for promises.",
        );
      }
      return (value || undefined) as Truthy<Value> | undefined;
    };
    const what = () => {
      const because = failure instanceof Error ? ` (${shortened(failure.message)})` : "";
      return `waitUntil(${shortened(String(check))}) did not become true${because}`;
    };
    return this.wait(look, what, options);
  }

  /**
   * Checks that nothing has come beyond what `next` has returned: no event, refusal, text or bytes.
   * It waits for no time. The room handles what the clients of the test have sent, and then answers
   * this client. The answer comes after everything that the room has sent before.
   *
   * @throws Error if something has come. It lists what came.
   */
  async nothing(): Promise<void> {
    await this.link.settle();
    if (this.journal.untaken.length === 0) return;
    throw new Error(`${shown(this.id)} got more than nothing. ${this.journal.describe()}`);
  }

  /**
   * Cuts the network, without a Close frame. The client learns that its connection is lost. The room
   * learns nothing: it finds the connection dead later, or closes it when the same client is back.
   */
  cut(): void {
    if (this.line.isCut) return;
    this.note("the network is cut");
    this.line.cut();
  }

  /** Leaves the room, and returns when the room does not list the connection any more. */
  async close(): Promise<void> {
    this.isClosed = true;
    const wasOpen = this.line.open !== undefined;
    this.leave();
    if (this.line.isCut) return;
    const isOver = () => this.line.sockets.size === 0 || undefined;
    await this.wait(isOver, () => "The room did not answer the close");
    // The room does not list a connection that it has closed. Its id may be another's by now.
    if (!wasOpen) return;
    while ((await this.link.count(this.id)) > this.link.countOpen(this.id)) {
      // The room takes the close in a later event.
    }
  }

  /** @internal The sockets that are not closed, to compare after a restart. */
  get sockets(): readonly object[] {
    return Array.from(this.line.sockets);
  }

  /** @internal Counts what the client has given the room to handle. */
  get activity(): number {
    return this.line.activity;
  }

  /** @internal Whether it has an open connection with an id. */
  isOpenAs(id: string): boolean {
    return this.id === id && this.line.open !== undefined;
  }

  /** @internal Waits until its pings are answered. */
  async answered(options?: WaitOptions): Promise<void> {
    const socket = this.line.open;
    const isAnswered = () =>
      !socket || socket.isAnswered || socket.readyState !== WebSocket.OPEN || undefined;
    await this.wait(isAnswered, () => "The room did not answer a ping", options);
  }

  /** @internal Waits until the connection is open. `join` does it. */
  abstract opened(options?: WaitOptions): Promise<void>;

  /** @internal Ends the connection on both sides, whatever its state. For the end of a test. */
  async end(): Promise<void> {
    this.isClosed = true;
    this.leave();
    this.line.hangUp();
    const isOver = () => this.line.sockets.size === 0 || undefined;
    await this.wait(isOver, () => "The room did not answer the close");
  }

  /** @internal Waits until the room has handled its messages, and it has what the room has sent to it. */
  abstract settle(options?: WaitOptions): Promise<void>;

  /** @internal After a restart: waits until the client has seen it, and is back if it reconnects. */
  abstract restored(before: readonly object[], options: WaitOptions): Promise<void>;

  /** @internal Starts to leave. */
  protected abstract leave(): void;

  /** @internal A message has come, which the client reads next. */
  protected abstract heard(data: string | ArrayBuffer): void;

  /** @internal Waits, and names what came if it fails. */
  protected wait<Value>(
    look: () => Value | undefined,
    what: () => string,
    options?: WaitOptions,
  ): Promise<Value> {
    return waitFor({
      look,
      onChange: (listener) => this.journal.onChange(listener),
      timeoutMs: this.link.timeoutMs(options),
      failure: (ms) =>
        `${what()} within ${ms} ms, for ${shown(this.id)}. ${this.journal.describe()}`,
    });
  }

  /** @internal */
  protected note(text: string): void {
    this.journal.add({ kind: "status", text });
  }

  /** @internal Throws if the test has closed the client. */
  protected checkIsOpen(what: string): void {
    if (!this.isClosed) return;
    throw new Error(`${what}: this client is closed. ${this.remedy}`);
  }
}
