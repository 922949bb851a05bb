import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { freePort } from "@partyflare/harness/free-port";
import { DEMO_FOLDER, previewCommand, previewEnvironment } from "./preview-command";

const START_TIMEOUT_MS = 60_000;
const POLL_MS = 100;

/** A server of the built demo that a test may kill, with storage of its own that outlives it. */
export class DemoServer {
  readonly origin: string;
  readonly #port: number;
  readonly #stateFolder: string;
  #process: ChildProcess | undefined;

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
    const [command, ...parameters] = previewCommand(this.#port);
    this.#process = spawn(command, parameters, {
      cwd: DEMO_FOLDER,
      env: { ...process.env, ...previewEnvironment(this.#stateFolder) },
      stdio: "ignore",
      // A process group of its own, so that workerd dies in the same instant.
      detached: true,
    });
    const deadlineMs = Date.now() + START_TIMEOUT_MS;
    while (!(await this.#answers())) {
      const { exitCode } = this.#process;
      if (exitCode !== null || Date.now() > deadlineMs) {
        throw new Error(`The demo's server did not start; its exit code is ${exitCode}.`);
      }
      await pause(POLL_MS);
    }
  }

  /** SIGSTOP to the server and to workerd: what is sent to them waits in the system's buffers. */
  freeze(): void {
    const { pid } = this.#process ?? {};
    if (pid === undefined) throw new Error("The demo's server does not run.");
    process.kill(-pid, "SIGSTOP");
  }

  /** SIGKILL to the server and to workerd: nobody says goodbye, nothing is flushed. */
  async kill(): Promise<void> {
    const { pid, exitCode, signalCode } = this.#process ?? {};
    if (!this.#process || pid === undefined || exitCode !== null || signalCode !== null) return;
    const exit = once(this.#process, "exit");
    process.kill(-pid, "SIGKILL");
    await exit;
    while (await this.#answers()) await pause(POLL_MS);
  }

  /** Ends it for good. */
  async remove(): Promise<void> {
    await this.kill();
    await rm(this.#stateFolder, { recursive: true, force: true });
  }

  async #answers(): Promise<boolean> {
    try {
      return (await fetch(this.origin)).ok;
    } catch {
      return false;
    }
  }
}
