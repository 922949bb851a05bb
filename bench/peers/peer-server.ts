import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { undoAtExit } from "@partyflare/harness/clean-up";
import { cpuMicroseconds } from "@partyflare/harness/process-usage";
import { spawnProgram } from "@partyflare/harness/program";
import type { Host } from "../host.ts";
import type { Peer, PeerReady } from "./peer.ts";

const PROCESS = fileURLToPath(new URL("process.ts", import.meta.url));

/** A start takes about 150 ms; a loaded machine is no failure. */
const START_WITHIN_MS = 30_000;

/** What a peer writes, kept for when something went wrong. */
const MAX_KEPT_OUTPUT = 20_000;

/** A peer on the Node that this process runs on, in a process of its own. */
export class PeerServer implements Host {
  readonly port: number;
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #kill: () => void;
  #output = "";

  private constructor(child: ChildProcess, pid: number, port: number, kill: () => void) {
    this.port = port;
    this.pid = pid;
    this.#child = child;
    this.#kill = kill;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (text: Buffer) => {
        this.#output = (this.#output + text.toString()).slice(-MAX_KEPT_OUTPUT);
      });
    }
  }

  /** Starts it, and waits until it listens. */
  static async start(peer: Peer, openFiles: number): Promise<PeerServer> {
    const child = spawnProgram(process.execPath, [PROCESS, peer], {
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      openFiles,
    });
    const kill = undoAtExit(() => child.kill("SIGKILL"));
    const signal = AbortSignal.timeout(START_WITHIN_MS);
    const ended = once(child, "exit", { signal }).then(() => undefined);
    const ready = once(child, "message", { signal }).then(([ready]) => ready as PeerReady);
    const told = await Promise.race([ready, ended]).catch(() => undefined);
    // Whichever of them comes no more is no failure.
    for (const promise of [ready, ended]) promise.catch(() => {});
    if (child.pid === undefined || told === undefined) {
      kill();
      throw new Error(`${peer} does not start.`);
    }
    return new PeerServer(child, child.pid, told.port, kill);
  }

  cpuMicroseconds(): number {
    const usage = cpuMicroseconds(this.pid);
    if (usage === undefined) throw new Error("Only Linux tells what a process uses.");
    return usage;
  }

  get output(): string {
    return this.#output;
  }

  async stop(): Promise<void> {
    const { exitCode, signalCode } = this.#child;
    const ended = exitCode === null && signalCode === null ? once(this.#child, "exit") : null;
    this.#kill();
    await ended;
  }
}
