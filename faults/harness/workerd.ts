import { cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@partyflare/harness/clean-up";
import { freePort, LOOPBACK } from "@partyflare/harness/free-port";
import { workerdBinary } from "@partyflare/harness/workerd-binary";
import { workerdConfig } from "@partyflare/harness/workerd-config";
import { WorkerdProcess } from "@partyflare/harness/workerd-process";
import type { RoomReport } from "../worker/report.ts";
import { bundle, type Library } from "./bundle.ts";

/** The parties of the Worker, as URLs name them. */
export type PartyName =
  | "hibernating"
  | "in-memory"
  | "limited"
  | DurablePartyName
  | HooksPartyName
  | CrowdPartyName
  | BoardPartyName;

/** Those of them that have durable events. */
export type DurablePartyName = "durable" | "durable-in-memory";

/** Those whose hooks do what they should not. */
export type HooksPartyName = "hooks" | "hooks-in-memory";

/** Those with presence. */
export type CrowdPartyName = "crowd" | "crowd-in-memory";

/** Those with shared state. */
export type BoardPartyName = "board" | "board-in-memory";

/** The Worker, in the folder of the configuration. */
const MODULE = "worker.js";

const CLASSES = {
  HIBERNATING: "HibernatingLog",
  IN_MEMORY: "InMemoryLog",
  LIMITED: "LimitedLog",
  DURABLE: "DurableHibernating",
  DURABLE_IN_MEMORY: "DurableInMemory",
  HOOKS: "HooksHibernating",
  HOOKS_IN_MEMORY: "HooksInMemory",
  CROWD: "CrowdHibernating",
  CROWD_IN_MEMORY: "CrowdInMemory",
  BOARD: "BoardHibernating",
  BOARD_IN_MEMORY: "BoardInMemory",
};

/** A real workerd with the Worker under test, whose objects are kept on a disk of its own. */
export class Workerd {
  /** The same after a restart. */
  readonly port: number;
  /** What the Worker is told from the next start on, besides its bindings, by names of `env`. */
  readonly variables: Record<string, string> = {};
  readonly #v8Flags: readonly string[];
  readonly #folder: string;
  readonly #removeFolder: () => void;
  #process: WorkerdProcess | undefined;
  #epoch = 0;

  private constructor(
    port: number,
    folder: { path: string; remove: () => void },
    v8Flags: readonly string[],
  ) {
    this.port = port;
    this.#v8Flags = v8Flags;
    this.#folder = folder.path;
    this.#removeFolder = folder.remove;
  }

  /** Builds the Worker, starts it on a fresh disk, and waits until it answers. */
  static async start(
    library: Library,
    variables: Readonly<Record<string, string>> = {},
    v8Flags: readonly string[] = [],
  ): Promise<Workerd> {
    const workerd = new Workerd(await freePort(), temporaryFolder(), v8Flags);
    Object.assign(workerd.variables, variables);
    mkdirSync(join(workerd.#folder, "disk"));
    const to = join(workerd.#folder, MODULE);
    await bundle("worker/worker.ts", { to, platform: "worker", library });
    await workerd.restart();
    return workerd;
  }

  /** Where it listens, as a client's option `host`. */
  get host(): string {
    return `${LOOPBACK}:${this.port}`;
  }

  /** Counts its processes, from 1. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Starts it again on the disk that it had, and waits until it answers. */
  async restart(): Promise<void> {
    if (this.#process) throw new Error("workerd is still running.");
    this.#epoch += 1;
    const config = workerdConfig({
      port: this.port,
      module: MODULE,
      disk: join(this.#folder, "disk"),
      classes: CLASSES,
      texts: { ...this.variables, EPOCH: String(this.#epoch) },
      v8Flags: this.#v8Flags,
      // It lets the Worker put a room to sleep, which takes ten quiet seconds otherwise.
      compatibilityFlags: ["unsafe_module"],
    });
    const { path } = workerdBinary(import.meta.url);
    this.#process = await WorkerdProcess.start({
      path,
      config,
      folder: this.#folder,
      port: this.port,
      parameters: ["--experimental"],
    });
  }

  /** Ends it as a power cut would. What it has not written is lost. */
  async kill(): Promise<void> {
    const killed = this.#process;
    this.#process = undefined;
    await killed?.kill();
  }

  /** Keeps a copy of its disk, which has to be done while it is down. */
  saveDisk(): void {
    this.#copyDisk("disk", "saved");
  }

  /** Takes the copy of its disk for its disk, as one who restores a backup. */
  putBackDisk(): void {
    this.#copyDisk("saved", "disk");
  }

  /** Ends it, and removes its disk. */
  async stop(): Promise<void> {
    await this.kill();
    this.#removeFolder();
  }

  /** What a room knows. Asked past every proxy. */
  async report(party: PartyName, room: string): Promise<RoomReport> {
    const response = await fetch(this.roomUrl(party, room));
    if (!response.ok) throw new Error(`The report was answered with ${response.status}.`);
    return (await response.json()) as RoomReport;
  }

  /** Has a room send so much to everyone. Asked past every proxy. */
  async pour(party: PartyName, room: string, mebibytes: number): Promise<void> {
    await this.#post(`${this.roomUrl(party, room)}?mebibytes=${mebibytes}`);
  }

  /** Collects the garbage of the process. It has been started with `--expose-gc`. */
  async collectGarbage(party: PartyName, room: string): Promise<void> {
    await this.#post(`${this.roomUrl(party, room)}?collect`);
  }

  /** Where a room answers plain requests. */
  roomUrl(party: PartyName, room: string): string {
    return `http://${this.host}/parties/${party}/${room}`;
  }

  async #post(url: string): Promise<void> {
    const response = await fetch(url, { method: "POST" });
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`The room answered with ${response.status}.`);
  }

  #copyDisk(from: string, to: string): void {
    if (this.#process) throw new Error("workerd is still running.");
    rmSync(join(this.#folder, to), { recursive: true, force: true });
    cpSync(join(this.#folder, from), join(this.#folder, to), { recursive: true });
  }

  /** The memory it has at the moment, in bytes, as Linux counts it; undefined on other systems. */
  residentBytes(): number | undefined {
    return this.#process?.residentBytes();
  }
}
