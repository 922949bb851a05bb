import { randomUUID } from "node:crypto";
import { once } from "node:events";

/** By what a call is known when it is sent again. */
interface Operation {
  readonly page: string;
  readonly number: number;
  readonly oldest: number;
  readonly since: string;
  readonly repeat?: true;
}

/** Who connects, and how. */
interface Visitor {
  /** Default: "Typist". */
  name?: string;
  /** The visitor's secret; null for a visitor without one. Default: a new one. */
  key?: string | null;
  /** Proves that it is the same client: base64url of 16 bytes. Default: one without. */
  clientKey?: string;
  /** Default: `partyflare.1`, which speaks frames. */
  protocol?: "partyflare.1" | "partyflare.raw";
}

/** Speaks to a room by a plain WebSocket, without a page: for what no person would type. */
export class RoomClient {
  readonly socket: WebSocket;
  /** Every frame that the room has sent; of a raw client, every text. */
  readonly heard: string[] = [];
  #calls = 0;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.addEventListener("message", ({ data }) => {
      const text = String(data);
      // A room may join frames into one message, a line each.
      this.heard.push(...(socket.protocol === "partyflare.raw" ? [text] : text.split("\n")));
    });
  }

  /**
   * Connects to a room, and is open or closed then.
   *
   * @param origin where the demo is served; Playwright's `baseURL`.
   */
  static async connect(
    origin: string | undefined,
    room: string,
    { name = "Typist", key = randomUUID(), clientKey, protocol = "partyflare.1" }: Visitor = {},
  ): Promise<RoomClient> {
    const url = new URL(`/parties/chat/${encodeURIComponent(room)}`, origin);
    url.protocol = "ws:";
    url.searchParams.set("name", name);
    // Its calls may happen once, as those of a page.
    url.searchParams.set("partyflare.once", "");
    const token =
      key === null ? [] : [`partyflare.token.${Buffer.from(key).toString("base64url")}`];
    const proof = clientKey === undefined ? [] : [`partyflare.key.${clientKey}`];
    const socket = new WebSocket(url, [protocol, ...proof, ...token]);
    const client = new RoomClient(socket);
    await once(socket, "open");
    return client;
  }

  /** Calls by which no repeat is known. */
  post(text: string): void {
    this.#call({ id: randomUUID(), text });
  }

  /** Calls as a page does, whose call may be sent again: with the same message. */
  postOnce(message: { readonly id: string; readonly text: string }, operation: Operation): void {
    this.#call(message, operation);
  }

  /** What the room has answered to the calls so far. */
  get answers(): string[] {
    return this.heard.filter((text) => /^\["\$(reply|fail)"/.test(text));
  }

  #call(input: object, ...operation: Operation[]): void {
    this.#calls += 1;
    this.socket.send(JSON.stringify(["$call", this.#calls, "post", input, ...operation]));
  }
}
