import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { undoAtExit } from "./clean-up.ts";
import { LOOPBACK } from "./free-port.ts";
import { cpuMicroseconds, residentBytes } from "./process-usage.ts";
import { spawnProgram } from "./program.ts";
import { eventually } from "./wait.ts";

/** A start takes about 60 ms. The timeout allows for a loaded machine. */
const START_WITHIN_MS = 15_000;

/** The most output of workerd to keep for error messages, in characters. */
const MAX_KEPT_OUTPUT = 20_000;

/** Options of a workerd process. */
export interface WorkerdStart {
  /** The path of the binary. */
  readonly path: string;
  /** Its configuration, as Cap'n Proto text: see `workerdConfig`. */
  readonly config: string;
  /** The folder for the configuration, and for the files that it names. */
  readonly folder: string;
  /** The port that the configuration listens on, on 127.0.0.1. */
  readonly port: number;
  /** More parameters of `workerd serve`. */
  readonly parameters?: readonly string[];
  /** The most open files and sockets. Default: as for this process. */
  readonly openFiles?: number;
}

/** A running `workerd serve`. It ends no later than this process. */
export class WorkerdProcess {
  /** Its latest output. */
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

  /** Starts workerd, and waits until it answers. */
  static async start({ path, config, folder, port, parameters = [], openFiles }: WorkerdStart) {
    const file = join(folder, "workerd.capnp");
    writeFileSync(file, config);
    const child = spawnProgram(path, ["serve", ...parameters, file], {
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

  /** Kills the process, as a power cut would. Data that it has not written is lost. */
  async kill(): Promise<void> {
    const { exitCode, signalCode } = this.#child;
    const ended = exitCode === null && signalCode === null ? once(this.#child, "exit") : null;
    this.#killNow();
    await ended;
  }

  /** The memory in use, in bytes; undefined on systems other than Linux. */
  residentBytes(): number | undefined {
    return residentBytes(this.pid);
  }

  /** The CPU time used so far, in microseconds; undefined on systems other than Linux. */
  cpuMicroseconds(): number | undefined {
    return cpuMicroseconds(this.pid);
  }

  /** The process id. */
  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error("workerd was never started.");
    return pid;
  }
}
