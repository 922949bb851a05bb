import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort } from "@partyflare/harness/free-port";
import { ServerProcess } from "./server-process";

const run = promisify(execFile);

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
    const server = await ServerProcess.start({
      command: [process.execPath, vite, ...parameters],
      cwd: this.folder,
      env: ENVIRONMENT,
      port,
    });
    try {
      await use(`http://127.0.0.1:${port}`);
    } finally {
      await server.kill();
    }
  }
}
