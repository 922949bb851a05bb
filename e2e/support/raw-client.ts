import { randomUUID } from "node:crypto";
import { once } from "node:events";

/** Speaks to a room by a plain WebSocket, without a page: for what no person would type. */
export class RawClient {
  readonly socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.socket = socket;
  }

  /**
   * Connects to a room. It has not joined then.
   *
   * @param origin where the demo is served; Playwright's `baseURL`.
   */
  static async connect(origin: string | undefined, room: string): Promise<RawClient> {
    const url = new URL(`/parties/chat/${encodeURIComponent(room)}`, origin);
    url.protocol = "ws:";
    const socket = new WebSocket(url);
    await once(socket, "open");
    return new RawClient(socket);
  }

  join(name: string): void {
    this.socket.send(JSON.stringify({ type: "join", key: randomUUID(), name }));
  }

  /** @param id default: a new one, so that the message is a new one. */
  say(text: string, id: string = randomUUID()): void {
    this.socket.send(JSON.stringify({ type: "say", id, text }));
  }
}
