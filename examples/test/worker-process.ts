import { once } from "node:events";
import { createTestHarness, type TestHarness } from "wrangler";
import { WebSocket } from "ws";

/** A Worker on a workerd of its own, at a free port. */
export interface RunningWorker extends AsyncDisposable {
  /** Where it is: `http://127.0.0.1:1234/`. */
  readonly url: URL;
  /** Wrangler's own: it has the logs, and starts scheduled events. */
  readonly harness: TestHarness;
  /**
   * Takes a room out of memory, as hibernation does: its connections and its storage stay.
   *
   * @param party the name of its class.
   */
  hibernate(party: string, room: string): Promise<void>;
}

/** Starts the Workers of wrangler configurations. Only the first has a URL. */
export async function startWorker(...configPaths: string[]): Promise<RunningWorker> {
  const harness = createTestHarness({ workers: configPaths.map((configPath) => ({ configPath })) });
  const { url } = await harness.listen();
  return {
    url,
    harness,
    hibernate: (party, name) =>
      harness.getWorker().evictDurableObject(party, { name, webSockets: "hibernate" }),
    [Symbol.asyncDispose]: () => harness.close(),
  };
}

/** A plain WebSocket that remembers what it was sent until it is asked. */
export class PlainClient {
  readonly socket: WebSocket;
  readonly #messages: string[] = [];

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on("message", (data: Buffer) => this.#messages.push(data.toString()));
  }

  /** Connects; rejects where the upgrade is refused. */
  static async connect(
    { url }: RunningWorker,
    path: string,
    headers: Record<string, string> = {},
  ): Promise<PlainClient> {
    const address = new URL(path, url);
    address.protocol = "ws:";
    const client = new PlainClient(new WebSocket(address, { headers }));
    await once(client.socket, "open");
    return client;
  }

  send(text: string): void {
    this.socket.send(text);
  }

  /** The next message that was not asked for yet. */
  async next(): Promise<string> {
    while (this.#messages.length === 0) await once(this.socket, "message");
    return this.#messages.shift() as string;
  }

  async close(): Promise<void> {
    const closed = once(this.socket, "close");
    this.socket.close();
    await closed;
  }
}
