import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@partyflare/harness/clean-up";
import { freePort, LOOPBACK } from "@partyflare/harness/free-port";
import { type WorkerdBinary, workerdBinary } from "@partyflare/harness/workerd-binary";
import { workerdConfig } from "@partyflare/harness/workerd-config";
import { WorkerdProcess } from "@partyflare/harness/workerd-process";
import { workerModule } from "./bundle.ts";
import { ROOM_CLASSES } from "./contenders.ts";
import type { Counts } from "./cost/day.ts";
import type { Host } from "./host.ts";
import type { Rows } from "./rows-of-sqlite.ts";

/** What the benchmarks run on: the runtime that wrangler brings along. */
export const RUNTIME: WorkerdBinary = workerdBinary(import.meta.url, ["wrangler", "miniflare"]);

/** workerd spends two on a connection, and up to three on the storage of a room. */
const FILES_OF_A_CONNECTION = 2;
const FILES_OF_A_ROOM = 3;
const OTHER_FILES = 500;

/** How large a crowd a server has to bear. */
export interface Crowd {
  readonly connections: number;
  readonly rooms?: number;
}

/** How many files and sockets may be open in a process that serves a crowd. */
export function openFilesFor({ connections, rooms = 1 }: Crowd): number {
  return connections * FILES_OF_A_CONNECTION + rooms * FILES_OF_A_ROOM + OTHER_FILES;
}

/** A real workerd with the Worker that holds all contenders, on a disk of its own. */
export class Server implements Host {
  readonly port: number;
  readonly #workerd: WorkerdProcess;
  readonly #removeFolder: () => void;

  private constructor(port: number, workerd: WorkerdProcess, removeFolder: () => void) {
    this.port = port;
    this.#workerd = workerd;
    this.#removeFolder = removeFolder;
  }

  /** Starts it, and waits until it answers. */
  static async start(openFiles: number): Promise<Server> {
    const { path: folder, remove } = temporaryFolder();
    const disk = join(folder, "disk");
    mkdirSync(disk);
    const module = "worker.js";
    writeFileSync(join(folder, module), await workerModule());
    const port = await freePort();
    const classes = Object.fromEntries(ROOM_CLASSES.map((name) => [name, name]));
    const config = workerdConfig({ port, module, disk, classes });
    const workerd = await WorkerdProcess.start({
      path: RUNTIME.path,
      config,
      folder,
      port,
      openFiles,
    });
    return new Server(port, workerd, remove);
  }

  /** How often rooms have come to life so far: grows when one has slept and is woken. */
  async lives(): Promise<number> {
    const response = await fetch(`http://${LOOPBACK}:${this.port}/`);
    return Number(await response.text());
  }

  /** The rows that all rooms with counted rows have read and written so far. */
  async rows(): Promise<Rows> {
    const response = await fetch(`http://${LOOPBACK}:${this.port}/rows`);
    return (await response.json()) as Rows;
  }

  /** What the platform would bill all metered rooms for, as counted so far. */
  async counts(): Promise<Counts> {
    const response = await fetch(`http://${LOOPBACK}:${this.port}/counts`);
    return (await response.json()) as Counts;
  }

  /** The time on a CPU it has had so far, in microseconds. */
  cpuMicroseconds(): number {
    return known(this.#workerd.cpuMicroseconds());
  }

  /** Of the process. */
  get pid(): number {
    return this.#workerd.pid;
  }

  /** The memory it has at the moment, in bytes. */
  residentBytes(): number {
    return known(this.#workerd.residentBytes());
  }

  /** What it has written to its output lately. */
  get output(): string {
    return this.#workerd.output;
  }

  /** Ends it, and removes its disk. */
  async stop(): Promise<void> {
    await this.#workerd.kill();
    this.#removeFolder();
  }
}

function known(value: number | undefined): number {
  if (value === undefined) throw new Error("Only Linux tells what a process uses.");
  return value;
}
