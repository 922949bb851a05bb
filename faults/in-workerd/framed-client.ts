import { exports } from "cloudflare:workers";
import { vi } from "vitest";

/** Far longer than anything here takes: a slow machine is no failure. */
export const PATIENCE = { timeout: 20_000, interval: 1 };

/** A client that speaks frames, and never comes back by itself: when it does is the test's choice. */
export class FramedClient {
  readonly #socket: WebSocket;
  readonly #replies = new Map<number, number>();
  #lastCall = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.accept();
    socket.addEventListener("message", ({ data }) => this.#read(String(data)));
    socket.addEventListener("close", () => socket.close());
  }

  /** Connects to a room under an id. */
  static async open(party: string, room: string, id: string): Promise<FramedClient> {
    const url = `https://example.com/parties/${party}/${room}?_pk=${id}`;
    const headers = { Upgrade: "websocket", "Sec-WebSocket-Protocol": "partyflare.1" };
    const { status, webSocket } = await exports.default.fetch(url, { headers });
    if (!webSocket) throw new Error(`The upgrade was answered with ${status}.`);
    return new FramedClient(webSocket);
  }

  /** Writes an entry, and waits for nothing. */
  add(number: number): void {
    this.#send(["add", { number }]);
  }

  /** Writes an entry. @returns its place in the log, once the room has confirmed it. */
  async confirm(number: number): Promise<number> {
    const call = (this.#lastCall += 1);
    this.#send(["$call", call, "addAndConfirm", { number }]);
    return vi.waitFor(() => {
      const seq = this.#replies.get(call);
      if (seq === undefined) throw new Error(`Entry ${number} has not been confirmed.`);
      return seq;
    }, PATIENCE);
  }

  /** Takes on a tag. */
  tag(tag: string): void {
    this.#send(["$text", tag]);
  }

  close(): void {
    this.#socket.close(1000);
  }

  #send(frame: unknown[]): void {
    this.#socket.send(JSON.stringify(frame));
  }

  #read(message: string): void {
    for (const frame of message.split("\n")) {
      const [name, call, output] = JSON.parse(frame) as [string, number, { seq: number }];
      if (name === "$reply") this.#replies.set(call, output.seq);
    }
  }
}
