import { randomKey } from "@partyflare/shared";
import { offeredProtocols, PONG, RAW_PROTOCOL } from "@partyflare/shared/internal";
import { BaseClient, type RoomLink, type SeenClose } from "./base-client";
import type { Received } from "./journal";
import type { LineSocket } from "./line";
import type { WaitOptions } from "./patience";

/** Options of `room.joinRaw`. */
export interface RawJoinOptions {
  /** The connection's id. Default: a random one. */
  id?: string | undefined;
  /** Proves that the id is this client's. Default: a random key. */
  key?: string | undefined;
  /** The token for `authorize`. Default: none. */
  token?: string | undefined;
  /** More parameters of the URL. Default: none. */
  query?: Readonly<Record<string, string>> | undefined;
  /** Your own subprotocols, offered after the library's. Default: none. */
  protocols?: readonly string[] | undefined;
  /** More headers of the upgrade, as your Worker may add them. Default: none. */
  headers?: HeadersInit | undefined;
}

/** The first part of texts of the kit's own. Clients that share an id get those of each other. */
const MARK = "partyflare/testing ";

/** As often as the real client pings. The kit's own pings begin it: a room closes those that stop. */
const PING_EVERY_MS = 30_000;

type Message = Extract<Received, { kind: "text" | "bytes" }>;

/** A raw connection in a test: one WebSocket, which does not reconnect. */
export class RawClient extends BaseClient {
  readonly id: string;
  readonly #socket: LineSocket;
  #close: SeenClose | undefined;
  #heartbeat: ReturnType<typeof setInterval> | null = null;
  /** Texts of this client's own, which the room sends after everything before. */
  readonly #marks = new Set<string>();

  /** @internal Tests call `room.joinRaw`. */
  constructor(link: RoomLink, options: RawJoinOptions) {
    super(link, options.headers);
    const { className, kind } = link.about;
    if (kind === "server" && (options.token ?? options.key) !== undefined) {
      throw new TypeError(
        `joinRaw: ${className} takes no token and no key. Pass what it reads in query or headers.`,
      );
    }
    const { id = crypto.randomUUID(), key = randomKey(), token, query, protocols = [] } = options;
    this.id = id;
    const url = new URL(link.path, "wss://example.com");
    url.search = new URLSearchParams({ ...query, _pk: id }).toString();
    // Clients of partyserver and PartyKit offer none.
    const offer = kind === "party" ? offeredProtocols(RAW_PROTOCOL, { key, token }) : [];
    this.#socket = new this.line.socketClass(url.href, [...offer, ...protocols]);
    this.#socket.addEventListener("open", () => this.note("open"));
    this.#socket.addEventListener("error", (event) => {
      const { error } = event as Event & { error?: unknown };
      this.note(error instanceof Error ? error.message : "failed");
    });
    this.#socket.addEventListener("message", (event) => {
      const { data } = event as Event & { data: string | ArrayBuffer };
      if (typeof data === "string" && data.startsWith(MARK)) {
        this.#marks.delete(data);
        this.journal.changed();
      } else if (data !== PONG) {
        this.journal.add(
          typeof data === "string" ? { kind: "text", text: data } : { kind: "bytes", bytes: data },
        );
      }
    });
    this.#socket.addEventListener("close", (event) => {
      const { code, reason } = event as CloseEvent;
      clearInterval(this.#heartbeat);
      this.#close = { code, reason };
      this.note(`closed with ${code}${reason && `, ${reason}`}`);
    });
  }

  /** The subprotocol that the room has chosen. */
  get protocol(): string {
    return this.#socket.protocol;
  }

  /**
   * Sends a message.
   *
   * @throws Error if the connection is closed.
   */
  send(message: string | ArrayBuffer | ArrayBufferView): void {
    this.checkIsOpen("send");
    if (this.#close && !this.line.isCut) {
      throw new Error(`send: the room has closed this connection with ${this.#close.code}.`);
    }
    this.#socket.send(message);
  }

  /**
   * Waits for the next message, and returns it. Each message is returned once, in order. Messages
   * that came before the call count too.
   *
   * @throws Error if none comes in time. It lists what came.
   */
  async next(options?: WaitOptions): Promise<string | ArrayBuffer> {
    const isMessage = (entry: Received): entry is Message =>
      entry.kind === "text" || entry.kind === "bytes";
    const look = () => this.journal.take(isMessage);
    const message = await this.wait(look, () => "No message came", options);
    return message.kind === "text" ? message.text : message.bytes;
  }

  /**
   * Waits until the connection is closed, and returns the close.
   *
   * @throws Error if it stays open. It lists what came.
   */
  closed(options?: WaitOptions): Promise<SeenClose> {
    return this.wait(
      () => this.#close,
      () => "No close came",
      options,
    );
  }

  /** @internal Waits until the connection is open, or refused. `joinRaw` does it. */
  async opened(): Promise<void> {
    const isOpen = () => this.#socket.readyState === WebSocket.OPEN;
    const isKnown = () => this.#close !== undefined || isOpen() || undefined;
    await this.wait(isKnown, () => "The room did not open");
    // A refusal is a connection that is closed at once, before it answers. Its id may be another's.
    this.#socket.ping();
    const isAnswered = () => this.#close !== undefined || this.#socket.isAnswered || undefined;
    await this.wait(isAnswered, () => "The room did not answer a ping");
    if (isOpen()) {
      // On the clock that `advance` moves.
      this.#heartbeat = setInterval(() => this.#socket.ping(), PING_EVERY_MS);
      return;
    }
    throw new Error(`The room refused the connection. ${this.journal.describe()}`);
  }

  /** @internal */
  async settle(options?: WaitOptions): Promise<void> {
    const socket = this.line.open;
    if (!socket) return;
    const isOver = () => socket.readyState !== WebSocket.OPEN;
    // After the answer, the room has been given the messages before it.
    socket.ping();
    const what = () => "The room did not answer a ping";
    await this.wait(() => socket.isAnswered || isOver() || undefined, what, options);
    const mark = MARK + crypto.randomUUID();
    this.#marks.add(mark);
    await this.link.mark(this.id, mark);
    await this.wait(() => !this.#marks.has(mark) || isOver() || undefined, what, options);
  }

  /** @internal */
  async restored(before: readonly object[], options: WaitOptions): Promise<void> {
    const sockets: Set<object> = this.line.sockets;
    const look = () => !before.some((socket) => sockets.has(socket)) || undefined;
    if (!this.line.isCut) await this.wait(look, () => "The connection was not closed", options);
  }

  /** @internal */
  protected leave(): void {
    this.#socket.close(1000);
  }

  /** @internal */
  protected heard(): void {}
}
