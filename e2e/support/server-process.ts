import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";

const START_TIMEOUT_MS = 120_000;
const POLL_MS = 100;

/** What runs, where, and with which environment. */
interface ServerOptions {
  /** The program and its parameters. */
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** The port that the command makes it listen on. */
  readonly port: number;
}

/** The process of an HTTP server, with the workerd that it starts. */
export class ServerProcess {
  readonly #origin: string;
  readonly #process: ChildProcess;

  private constructor(origin: string, process: ChildProcess) {
    this.#origin = origin;
    this.#process = process;
  }

  /** Starts a server, and waits until it answers. */
  static async start({ command, cwd, env, port }: ServerOptions): Promise<ServerProcess> {
    const [program = "", ...parameters] = command;
    const options = { cwd, env, stdio: "ignore" } as const;
    // A process group of its own, so that workerd ends with it.
    const child = spawn(program, parameters, { ...options, detached: true });
    const server = new ServerProcess(`http://127.0.0.1:${port}`, child);
    const deadlineMs = Date.now() + START_TIMEOUT_MS;
    while (!(await server.#answers())) {
      if (child.exitCode !== null || Date.now() > deadlineMs) {
        await server.kill();
        throw new Error(`The server in ${cwd} did not start. Its exit code: ${child.exitCode}.`);
      }
      await pause(POLL_MS);
    }
    return server;
  }

  /** SIGSTOP to the server and to workerd: what is sent to them waits in the system's buffers. */
  freeze(): void {
    if (this.#process.pid !== undefined) process.kill(-this.#process.pid, "SIGSTOP");
  }

  /** SIGKILL to the server and to workerd: nobody says goodbye, nothing is flushed. */
  async kill(): Promise<void> {
    const { pid, exitCode, signalCode } = this.#process;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    const exit = once(this.#process, "exit");
    process.kill(-pid, "SIGKILL");
    await exit;
    while (await this.#answers()) await pause(POLL_MS);
  }

  async #answers(): Promise<boolean> {
    try {
      return (await fetch(this.#origin)).ok;
    } catch {
      return false;
    }
  }
}
