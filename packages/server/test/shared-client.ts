import { randomKey } from "@partyflare/shared";
import { vi } from "vitest";
import type { SharedTestRoom } from "./shared-party";
import { SharedViewer } from "./shared-viewer";
import type { TestRoom } from "./rooms";
import type { TestSocket } from "./test-socket";

type Frame = [name: string, ...rest: unknown[]];

/** How a client joins. */
export interface SharedClientOptions {
  readonly id?: string;
  readonly user?: string;
  /** What it says that it has. Undefined if it does not subscribe. Default: nothing. */
  readonly asked?: string | undefined;
}

/** A client of a real room. Its viewer has what the room has sent. */
export class SharedClient {
  readonly socket: TestSocket;
  readonly viewer = new SharedViewer();
  /** All messages, each as its frames. */
  readonly messages: Frame[][] = [];
  since = "";
  #calls = 0;

  private constructor(socket: TestSocket) {
    this.socket = socket;
  }

  static async join(
    room: TestRoom<SharedTestRoom>,
    options: SharedClientOptions = {},
  ): Promise<SharedClient> {
    const { id = "ada", user = id, asked = "" } = options;
    const query = new URLSearchParams({ _pk: id, user });
    if (!("asked" in options) || options.asked !== undefined) query.set("partyflare.shared", asked);
    const protocols = ["partyflare.1", `partyflare.key.${randomKey()}`];
    const client = new SharedClient(await room.connect(`?${query.toString()}`, protocols));
    await client.until(() => client.frames.length > 0 || client.socket.isClosed);
    return client;
  }

  get frames(): Frame[] {
    this.#read();
    return this.messages.flat();
  }

  get value(): unknown {
    this.#read();
    return this.viewer.value;
  }

  /** The messages that hold a frame of the name. */
  with(name: string): Frame[][] {
    this.#read();
    return this.messages.filter((frames) => frames.some((frame) => frame[0] === name));
  }

  /** Calls, and returns the message with the answer. */
  async call(name: "act" | "post", input?: unknown): Promise<Frame[]> {
    this.#calls += 1;
    const id = this.#calls;
    const operation = { page: "page", number: id, oldest: id, since: this.since };
    const rest = name === "post" ? [input ?? null, operation] : [input ?? null];
    await this.socket.sendFrame("$call", id, name, ...rest);
    const answers = () =>
      [...this.with("$reply"), ...this.with("$fail")].filter((frames) =>
        frames.some((frame) => frame[1] === id),
      );
    await this.until(() => answers().length > 0);
    return answers()[0]!;
  }

  /** Waits until what has come fits. */
  async until(condition: () => boolean): Promise<void> {
    await vi.waitFor(
      () => {
        this.#read();
        if (!condition()) throw new Error(`It has ${JSON.stringify(this.viewer.value)}.`);
      },
      { timeout: 60_000, interval: 5 },
    );
  }

  #read(): void {
    const { received } = this.socket;
    while (this.messages.length < received.length) {
      const frames = String(received[this.messages.length])
        .split("\n")
        .map((text) => JSON.parse(text) as Frame);
      this.messages.push(frames);
      for (const [name, payload] of frames) {
        if (name === "$shared") this.viewer.take(payload);
        if (name !== "$hello") continue;
        const { shared, once } = payload as { shared?: unknown; once?: { since: string } };
        this.since = once?.since ?? "";
        if (shared !== undefined) this.viewer.hello(shared);
      }
    }
  }
}
