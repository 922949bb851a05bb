import { type AddressInfo, connect, createServer, type Server } from "node:net";

const EVERY_MS = 10;

/** 40 kB/s. */
const BYTES_EACH_TIME = 400;

/** A network of which the way up is slow, to a server of this machine. */
export class SlowLink {
  readonly #server: Server;

  private constructor(port: number) {
    this.#server = createServer((client) => {
      const upstream = connect(port, "127.0.0.1");
      upstream.pipe(client);
      const timer = setInterval(() => {
        const bytes: unknown = client.read(Math.min(BYTES_EACH_TIME, client.readableLength));
        if (bytes instanceof Uint8Array) upstream.write(bytes);
      }, EVERY_MS);
      client.pause();
      for (const socket of [client, upstream]) {
        socket.on("error", () => {});
        socket.on("close", () => {
          clearInterval(timer);
          client.destroy();
          upstream.destroy();
        });
      }
    });
  }

  /** To a server, given with its port. */
  static async to(host: string): Promise<SlowLink> {
    const link = new SlowLink(Number(host.split(":").at(-1)));
    await new Promise<void>((resolve) => link.#server.listen(0, "127.0.0.1", resolve));
    return link;
  }

  /** With its port. */
  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
  }
}
