import { fileURLToPath } from "node:url";
import { HelperProcess } from "@partyflare/harness/helper-process";
import { spawnProgram } from "@partyflare/harness/program";
import type { LoadCommand, LoadReport } from "./messages.ts";

const PROCESS = fileURLToPath(new URL("process.ts", import.meta.url));

/** A load generator in a process of its own, as this one sees it. */
export class Load {
  readonly #process: HelperProcess<LoadCommand>;

  private constructor(started: HelperProcess<LoadCommand>) {
    this.#process = started;
  }

  /** @param openFiles how many connections it may have, and a few more. */
  static async start(openFiles: number): Promise<Load> {
    const child = spawnProgram(process.execPath, [PROCESS], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      openFiles,
    });
    return new Load(await HelperProcess.of(child));
  }

  /** Has it do something, and waits until that is done. */
  async ask(command: LoadCommand): Promise<LoadReport> {
    return (await this.#process.ask(command)) as LoadReport;
  }

  /** Ends it, and its connections with it. */
  stop(): Promise<void> {
    return this.#process.stop();
  }
}
