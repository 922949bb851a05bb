import { randomUUID } from "node:crypto";
import { once } from "node:events";

/** Who connects, and how. */
interface Visitor {
  /** Default: "Typist". */
  name?: string;
  /** The visitor's secret; null for a visitor without one. Default: a new one. */
  key?: string | null;
  /** Default: `partyflare.1`, which speaks frames. */
  protocol?: "partyflare.1" | "partyflare.raw";
}

/** Speaks to a room by a plain WebSocket, without a page: for what no person would type. */
export class RoomClient {
  readonly socket: WebSocket;
  /** Every text that the room has sent. */
  readonly heard: string[] = [];
  #calls = 0;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.addEventListener("message", ({ data }) => this.heard.push(String(data)));
  }

  /**
   * Connects to a room, and is open or closed then.
   *
   * @param origin where the demo is served; Playwright's `baseURL`.
   */
  static async connect(
    origin: string | undefined,
    room: string,
    { name = "Typist", key = randomUUID(), protocol = "partyflare.1" }: Visitor = {},
  ): Promise<RoomClient> {
    const url = new URL(`/parties/chat/${encodeURIComponent(room)}`, origin);
    url.protocol = "ws:";
    url.searchParams.set("name", name);
    const token =
      key === null ? [] : [`partyflare.token.${Buffer.from(key).toString("base64url")}`];
    const socket = new WebSocket(url, [protocol, ...token]);
    const client = new RoomClient(socket);
    await once(socket, "open");
    return client;
  }

  /** @param id default: a new one, so that the message is a new one. */
  post(text: string, id: string = randomUUID()): void {
    this.#calls += 1;
    this.socket.send(JSON.stringify(["$call", this.#calls, "post", { id, text }]));
  }
}
