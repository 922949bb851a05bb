import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "@partyflare/harness/free-port";
import { DEMO_FOLDER, previewCommand, previewEnvironment } from "./preview-command";
import { ServerProcess } from "./server-process";

/** A server of the built demo that a test may kill, with storage of its own that outlives it. */
export class DemoServer {
  readonly origin: string;
  readonly #port: number;
  readonly #stateFolder: string;
  #process: ServerProcess | undefined;

  private constructor(port: number, stateFolder: string) {
    this.origin = `http://127.0.0.1:${port}`;
    this.#port = port;
    this.#stateFolder = stateFolder;
  }

  /** A server that answers, on a free port. */
  static async create(): Promise<DemoServer> {
    const stateFolder = await mkdtemp(join(tmpdir(), "partyflare-e2e-"));
    const server = new DemoServer(await freePort(), stateFolder);
    try {
      await server.start();
      return server;
    } catch (error) {
      await server.remove();
      throw error;
    }
  }

  /** Starts it, on its port and its storage, and waits until it answers. */
  async start(): Promise<void> {
    this.#process = await ServerProcess.start({
      command: previewCommand(this.#port),
      cwd: DEMO_FOLDER,
      env: { ...process.env, ...previewEnvironment(this.#stateFolder) },
      port: this.#port,
    });
  }

  /** See `ServerProcess`. */
  freeze(): void {
    if (!this.#process) throw new Error("The demo's server does not run.");
    this.#process.freeze();
  }

  /** See `ServerProcess`. */
  async kill(): Promise<void> {
    await this.#process?.kill();
  }

  /** Ends it for good. */
  async remove(): Promise<void> {
    await this.kill();
    await rm(this.#stateFolder, { recursive: true, force: true });
  }
}
