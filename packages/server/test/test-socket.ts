import { vi } from "vitest";

/** Far longer than anything here takes: a slow machine is no failure. */
const PATIENCE = { timeout: 60_000, interval: 5 };

/** How a socket ended, as its client saw it. */
export interface SeenClose {
  code: number;
  reason: string;
}

/** A client's end of a WebSocket. After every step the room is given the chance to sleep. */
export class TestSocket {
  readonly received: (string | ArrayBuffer)[] = [];
  readonly #socket: WebSocket;
  readonly #between: () => Promise<void>;
  #read = 0;
  /** Frames of the last message that have not been looked at. */
  #frames: string[] = [];
  #closed: SeenClose | undefined;

  constructor(socket: WebSocket, between: () => Promise<void>) {
    this.#socket = socket;
    this.#between = between;
    socket.accept();
    socket.binaryType = "arraybuffer";
    socket.addEventListener("message", ({ data }) => {
      this.received.push(data);
    });
    socket.addEventListener("close", ({ code, reason }) => {
      this.#closed = { code, reason };
      // The client's half of the handshake, as browsers do it.
      if (code !== 1006) socket.close();
    });
  }

  get isClosed(): boolean {
    return this.#closed !== undefined;
  }

  /** The frames of all messages that have come, read or not: how many a message holds is chance. */
  get frames(): unknown[] {
    return this.received
      .filter((message) => typeof message === "string")
      .flatMap((message) => message.split("\n").map((frame): unknown => JSON.parse(frame)));
  }

  async send(message: string | ArrayBuffer | ArrayBufferView): Promise<void> {
    this.#socket.send(message);
    await this.#between();
  }

  /** Sends without letting the room sleep in between. */
  sendAll(messages: readonly string[]): void {
    for (const message of messages) this.#socket.send(message);
  }

  /** The next message that has not been looked at, or what `frame` has left of the last one. */
  async next(): Promise<string | ArrayBuffer> {
    if (this.#frames.length > 0) return this.#frames.splice(0).join("\n");
    const message = await vi.waitFor(() => {
      const unread = this.received[this.#read];
      if (unread === undefined) throw new Error("No further message has come.");
      return unread;
    }, PATIENCE);
    this.#read += 1;
    await this.#between();
    return message;
  }

  /** The next frame that has not been looked at: a message may hold several. */
  async frame(): Promise<unknown> {
    const [frame = "", ...others] = String(await this.next()).split("\n");
    this.#frames = others;
    return JSON.parse(frame);
  }

  async sendFrame(...frame: unknown[]): Promise<void> {
    await this.send(JSON.stringify(frame));
  }

  async close(code?: number, reason?: string): Promise<void> {
    this.#socket.close(code, reason);
    await this.#between();
  }

  /** The close, once it has come. */
  async closed(): Promise<SeenClose> {
    return vi.waitFor(() => {
      if (!this.#closed) throw new Error("The socket is still open.");
      return this.#closed;
    }, PATIENCE);
  }
}
