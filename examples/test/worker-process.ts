import { once } from "node:events";
import { createTestHarness } from "wrangler";
import { WebSocket } from "ws";

/** A Worker on a workerd of its own, at a free port. */
export interface RunningWorker extends AsyncDisposable {
  /** Where it is: `http://127.0.0.1:1234/`. */
  readonly url: URL;
}

/** Starts the Worker of a wrangler configuration. */
export async function startWorker(configPath: string): Promise<RunningWorker> {
  const server = createTestHarness({ workers: [{ configPath }] });
  const { url } = await server.listen();
  return { url, [Symbol.asyncDispose]: () => server.close() };
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
  static async connect({ url }: RunningWorker, path: string): Promise<PlainClient> {
    const address = new URL(path, url);
    address.protocol = "ws:";
    const client = new PlainClient(new WebSocket(address));
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
