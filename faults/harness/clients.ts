import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { temporaryFolder, undoAtExit } from "@partyflare/harness/clean-up";
import { eventually } from "@partyflare/harness/wait";
import { bundle, type Library } from "./bundle.ts";
import type {
  ClientCommand,
  ClientRecord,
  ClientReport,
  ClientRequest,
  ClientSpec,
  ClientStatus,
} from "./client-messages.ts";

interface Waiting {
  resolve: (records: ClientRecord[]) => void;
  reject: (error: Error) => void;
}

/** Clients in a process of their own, which use the library as an app does. */
export class Clients {
  readonly #child: ChildProcess;
  readonly #stopChild: () => void;
  readonly #removeFolder: () => void;
  readonly #waiting = new Map<number, Waiting>();
  readonly #statuses = new Map<string, ClientStatus>();
  #lastId = 0;

  private constructor(child: ChildProcess, removeFolder: () => void) {
    this.#child = child;
    this.#removeFolder = removeFolder;
    this.#stopChild = undoAtExit(() => child.kill("SIGKILL"));
    child.on("message", (report: ClientReport) => this.#receive(report));
    child.on("exit", () => this.#end());
  }

  /** Builds the clients' program, and starts it. */
  static async start(library: Library): Promise<Clients> {
    const folder = temporaryFolder();
    const to = join(folder.path, "clients.mjs");
    await bundle("harness/client-process.ts", { to, platform: "node", library });
    const clients = new Clients(fork(to, { stdio: "inherit" }), folder.remove);
    await once(clients.#child, "message");
    return clients;
  }

  /** Has clients connect. They come back by themselves until they are closed. */
  async open(specs: ClientSpec[]): Promise<void> {
    for (const { name } of specs) this.#statuses.set(name, { state: "connecting" });
    await this.#ask({ kind: "open", specs });
  }

  /** Has clients write entries, one after the other, until `hush`. */
  async talk(names: string[], { pauseMs }: { pauseMs: number }): Promise<void> {
    await this.#ask({ kind: "talk", names, pauseMs });
  }

  /** Has a client send entries without waiting for anything. */
  async flood(name: string, messages: number): Promise<void> {
    await this.#ask({ kind: "flood", name, messages });
  }

  /** Ends the talk of clients. Afterwards nothing of theirs is on its way any more. */
  async hush(names: string[]): Promise<void> {
    await this.#ask({ kind: "hush", names });
  }

  /** What clients know. */
  async records(names: string[]): Promise<ClientRecord[]> {
    return this.#ask({ kind: "records", names });
  }

  /** Closes clients for good, and forgets them. */
  async close(names: string[]): Promise<void> {
    await this.#ask({ kind: "close", names });
    for (const name of names) this.#statuses.delete(name);
  }

  /** How a client is. */
  statusOf(name: string): ClientStatus | undefined {
    return this.#statuses.get(name);
  }

  /**
   * Waits until all of some clients are in a state.
   *
   * @throws Error that names those that are not, and how they are.
   */
  async allBecome(
    state: ClientStatus["state"],
    names: readonly string[],
    withinMs: number,
  ): Promise<void> {
    await eventually(`${names.length} clients become ${state}`, withinMs, () => {
      const others = names.filter((name) => this.statusOf(name)?.state !== state);
      if (others.length === 0) return true;
      const told = others
        .slice(0, 5)
        .map((name) => `${name} ${JSON.stringify(this.statusOf(name))}`);
      throw new Error(`${others.length} are not: ${told.join(", ")}`);
    });
  }

  /** Waits until none of some clients believes to be open any more. */
  async allLose(names: readonly string[], withinMs: number): Promise<void> {
    await eventually(`${names.length} clients notice that their connection is lost`, withinMs, () =>
      names.some((name) => this.statusOf(name)?.state === "open") ? undefined : true,
    );
  }

  /** Ends the process. */
  async stop(): Promise<void> {
    const ended = this.#child.exitCode === null ? once(this.#child, "exit") : undefined;
    this.#stopChild();
    await ended;
    this.#removeFolder();
  }

  #ask(command: ClientCommand): Promise<ClientRecord[]> {
    const id = (this.#lastId += 1);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#child.send({ id, command } satisfies ClientRequest, (error) => error && reject(error));
    });
  }

  #receive(report: ClientReport): void {
    switch (report.kind) {
      case "ready":
        return;
      case "status":
        this.#statuses.set(report.name, report.status);
        return;
      case "done":
        this.#waiting.get(report.id)?.resolve(report.records);
        this.#waiting.delete(report.id);
        return;
      case "failed":
        this.#waiting.get(report.id)?.reject(new Error(report.error));
        this.#waiting.delete(report.id);
        return;
      default:
        report satisfies never;
    }
  }

  #end(): void {
    for (const waiting of this.#waiting.values()) {
      waiting.reject(new Error("The process of the clients has ended."));
    }
    this.#waiting.clear();
  }
}
