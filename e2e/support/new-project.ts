import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { freePort } from "@partyflare/harness/free-port";

const run = promisify(execFile);

const START_TIMEOUT_MS = 120_000;
const POLL_MS = 100;

/** As in a reader's terminal: without the variables of the runner of this test. */
const ENVIRONMENT = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(?:NODE_|VITEST|TEST|CI$)/.test(name)),
  ),
  NO_COLOR: "1",
  WRANGLER_SEND_METRICS: "false",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
};

/** A project that the starter has created, below a folder with the packages that it depends on. */
export class NewProject {
  readonly folder: string;
  readonly #modules: string;

  private constructor(parent: string, name: string) {
    this.folder = join(parent, name);
    this.#modules = join(parent, "node_modules");
  }

  /** Runs the packed starter in a folder, without a terminal. */
  static async create(parent: string, name: string, ...options: string[]): Promise<NewProject> {
    const project = new NewProject(parent, name);
    const starter = join(project.#modules, "create-partyflare/dist/bin.js");
    const parameters = [starter, name, "--no-install", ...options];
    await run(process.execPath, parameters, { cwd: parent, env: ENVIRONMENT });
    return project;
  }

  /** Runs a script of its `package.json`. Rejects with the output if it fails. */
  async script(name: string, ...options: string[]): Promise<string> {
    const parameters = ["run", "--silent", name, ...(options.length > 0 ? ["--", ...options] : [])];
    const done = run("npm", parameters, {
      cwd: this.folder,
      env: ENVIRONMENT,
      shell: process.platform === "win32",
    });
    const { stdout, stderr } = await done.catch((error: Error & { stdout: string }) => {
      throw new Error(`${error.message}\n${error.stdout}`);
    });
    return stdout + stderr;
  }

  /** Serves the built project while a function runs. */
  async serve(use: (origin: string) => Promise<void>): Promise<void> {
    const port = await freePort();
    const vite = join(this.#modules, "vite/bin/vite.js");
    const parameters = ["preview", "--strictPort", "--host=127.0.0.1", `--port=${port}`];
    const server = spawn(process.execPath, [vite, ...parameters], {
      cwd: this.folder,
      env: ENVIRONMENT,
      stdio: "ignore",
      // A process group of its own, so that workerd ends with it.
      detached: true,
    });
    const exit = once(server, "exit");
    const origin = `http://127.0.0.1:${port}`;
    try {
      const deadlineMs = Date.now() + START_TIMEOUT_MS;
      while (!(await answers(origin))) {
        if (server.exitCode !== null || Date.now() > deadlineMs) {
          throw new Error(`The project's server did not start. Its exit code: ${server.exitCode}.`);
        }
        await pause(POLL_MS);
      }
      await use(origin);
    } finally {
      if (server.exitCode === null && server.pid !== undefined)
        process.kill(-server.pid, "SIGKILL");
      await exit;
    }
  }
}

async function answers(origin: string): Promise<boolean> {
  try {
    return (await fetch(origin)).ok;
  } catch {
    return false;
  }
}
