import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { undoAtExit } from "./clean-up.ts";
import { LOOPBACK } from "./free-port.ts";
import { cpuMicroseconds, residentBytes } from "./process-usage.ts";
import { spawnProgram } from "./program.ts";
import { eventually } from "./wait.ts";

/** A start takes about 60 ms; a loaded machine is no failure. */
const START_WITHIN_MS = 15_000;

/** What workerd writes, kept for when something went wrong. */
const MAX_KEPT_OUTPUT = 20_000;

/** What a workerd is started with. */
export interface WorkerdStart {
  /** Of the binary. */
  readonly path: string;
  /** Its configuration, as Cap'n Proto text: see `workerdConfig`. */
  readonly config: string;
  /** Where the configuration is written, and what it names lies. */
  readonly folder: string;
  /** Where the configuration makes it listen, on 127.0.0.1. */
  readonly port: number;
  /** How many files and sockets it may have open. Default: as many as this process. */
  readonly openFiles?: number;
}

/** A running `workerd serve`, which ends with this process at the latest. */
export class WorkerdProcess {
  /** What it has written to its output lately. */
  output = "";
  readonly #child: ChildProcess;
  readonly #killNow: () => void;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#killNow = undoAtExit(() => child.kill("SIGKILL"));
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (text: Buffer) => {
        this.output = (this.output + text.toString()).slice(-MAX_KEPT_OUTPUT);
      });
    }
  }

  /** Starts one, and waits until it answers. */
  static async start({ path, config, folder, port, openFiles }: WorkerdStart) {
    const file = join(folder, "workerd.capnp");
    writeFileSync(file, config);
    const child = spawnProgram(path, ["serve", file], {
      stdio: ["ignore", "pipe", "pipe"],
      openFiles,
    });
    const workerd = new WorkerdProcess(child);
    try {
      await eventually("workerd answers", START_WITHIN_MS, async () => {
        if (child.exitCode !== null) throw new Error(`it has ended: ${workerd.output}`);
        await (await fetch(`http://${LOOPBACK}:${port}/`)).text();
        return true;
      });
    } catch (error) {
      workerd.#killNow();
      throw error;
    }
    return workerd;
  }

  /** Ends it as a power cut would. What it has not written is lost. */
  async kill(): Promise<void> {
    const { exitCode, signalCode } = this.#child;
    const ended = exitCode === null && signalCode === null ? once(this.#child, "exit") : null;
    this.#killNow();
    await ended;
  }

  /** The memory it has at the moment, in bytes; undefined on other systems than Linux. */
  residentBytes(): number | undefined {
    return residentBytes(this.pid);
  }

  /** The time on a CPU it has had so far, in microseconds; undefined on other systems than Linux. */
  cpuMicroseconds(): number | undefined {
    return cpuMicroseconds(this.pid);
  }

  /** Of the process. */
  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error("workerd was never started.");
    return pid;
  }
}
