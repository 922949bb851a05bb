import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { RoomReport } from "../worker/report.ts";
import { bundle, type Library } from "./bundle.ts";
import { temporaryFolder, undoAtExit } from "./clean-up.ts";
import { freePort, LOOPBACK } from "./free-port.ts";
import { eventually } from "./wait.ts";

/** The parties of the Worker, as URLs name them. */
export type PartyName = "hibernating" | "in-memory" | "limited" | DurablePartyName;

/** Those of them that have durable events. */
export type DurablePartyName = "durable" | "durable-in-memory";

/** A restart takes about 60 ms; a loaded machine is no failure. */
const START_WITHIN_MS = 15_000;

/** Lines that workerd writes, kept for when something went wrong. */
const MAX_KEPT_OUTPUT = 20_000;

const COMPATIBILITY_DATE = "2026-08-01";

const CLASSES = {
  HIBERNATING: "HibernatingLog",
  IN_MEMORY: "InMemoryLog",
  LIMITED: "LimitedLog",
  DURABLE: "DurableHibernating",
  DURABLE_IN_MEMORY: "DurableInMemory",
};

/** A real workerd with the Worker under test, whose objects are kept on a disk of its own. */
export class Workerd {
  /** The same after a restart. */
  readonly port: number;
  /** What it has written to its output lately. */
  output = "";
  /** What the Worker is told from the next start on, besides its bindings, by names of `env`. */
  readonly variables: Record<string, string> = {};
  readonly #folder: string;
  readonly #removeFolder: () => void;
  #process: ChildProcess | undefined;
  #killAtExit: (() => void) | undefined;
  #epoch = 0;

  private constructor(port: number, folder: { path: string; remove: () => void }) {
    this.port = port;
    this.#folder = folder.path;
    this.#removeFolder = folder.remove;
  }

  /** Builds the Worker, starts it on a fresh disk, and waits until it answers. */
  static async start(
    library: Library,
    variables: Readonly<Record<string, string>> = {},
  ): Promise<Workerd> {
    const workerd = new Workerd(await freePort(), temporaryFolder());
    Object.assign(workerd.variables, variables);
    mkdirSync(join(workerd.#folder, "disk"));
    const to = join(workerd.#folder, "worker.js");
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
    const config = join(this.#folder, "workerd.capnp");
    writeFileSync(
      config,
      configText({
        port: this.port,
        disk: join(this.#folder, "disk"),
        variables: { ...this.variables, EPOCH: String(this.#epoch) },
      }),
    );
    const child = spawn(workerdPath(), ["serve", config], { stdio: ["ignore", "pipe", "pipe"] });
    this.#process = child;
    this.#killAtExit = undoAtExit(() => child.kill("SIGKILL"));
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (text: Buffer) => {
        this.output = (this.output + text.toString()).slice(-MAX_KEPT_OUTPUT);
      });
    }
    await eventually("workerd answers", START_WITHIN_MS, async () => {
      if (child.exitCode !== null) throw new Error(`it has ended: ${this.output}`);
      await (await fetch(`http://${this.host}/`)).text();
      return true;
    });
  }

  /** Ends it as a power cut would. What it has not written is lost. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (!child) return;
    this.#process = undefined;
    const ended = child.exitCode === null && child.signalCode === null ? once(child, "exit") : null;
    this.#killAtExit?.();
    await ended;
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

  /** Where a room answers plain requests. */
  roomUrl(party: PartyName, room: string): string {
    return `http://${this.host}/parties/${party}/${room}`;
  }

  #copyDisk(from: string, to: string): void {
    if (this.#process) throw new Error("workerd is still running.");
    rmSync(join(this.#folder, to), { recursive: true, force: true });
    cpSync(join(this.#folder, from), join(this.#folder, to), { recursive: true });
  }

  /** The memory it has at the moment, in bytes, as Linux counts it; undefined on other systems. */
  residentBytes(): number | undefined {
    if (process.platform !== "linux") return undefined;
    const status = readFileSync(`/proc/${this.#process?.pid}/status`, "utf8");
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1_024;
  }
}

/**
 * The newest that npm has, which is nearest to production: the end-to-end tests run the one that
 * wrangler brings along. Another one is named as for wrangler itself.
 */
function workerdPath(): string {
  const { MINIFLARE_WORKERD_PATH: chosen } = process.env;
  // The package has no types.
  const workerd = createRequire(import.meta.url)("workerd") as { default: string };
  return chosen ?? workerd.default;
}

function configText({
  port,
  disk,
  variables,
}: {
  port: number;
  disk: string;
  variables: Readonly<Record<string, string>>;
}): string {
  const classes = Object.entries(CLASSES);
  const bindings = [
    ...Object.entries(variables).map(([name, text]) => `(name = "${name}", text = "${text}")`),
    ...classes.map(
      ([name, className]) => `(name = "${name}", durableObjectNamespace = "${className}")`,
    ),
  ];
  const namespaces = classes.map(
    ([, className]) => `(className = "${className}", uniqueKey = "${className}", enableSql = true)`,
  );
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "worker", worker = .worker),
    (name = "disk", disk = (path = ${JSON.stringify(disk)}, writable = true)),
  ],
  sockets = [(name = "http", address = "${LOOPBACK}:${port}", http = (), service = "worker")],
);

const worker :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "${COMPATIBILITY_DATE}",
  bindings = [
    ${bindings.join(",\n    ")},
  ],
  durableObjectNamespaces = [
    ${namespaces.join(",\n    ")},
  ],
  durableObjectStorage = (localDisk = "disk"),
);
`;
}
