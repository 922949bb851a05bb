import { fork } from "node:child_process";
import { join } from "node:path";
import { temporaryFolder } from "@partyflare/harness/clean-up";
import { HelperProcess } from "@partyflare/harness/helper-process";
import { eventually } from "@partyflare/harness/wait";
import { bundle, type Library } from "./bundle.ts";
import type {
  ClientCommand,
  ClientRecord,
  ClientSpec,
  ClientStatus,
  StatusNews,
} from "./client-messages.ts";

/** Clients in a process of their own, which use the library as an app does. */
export class Clients {
  readonly #process: HelperProcess<ClientCommand>;
  readonly #statuses: Map<string, ClientStatus>;
  readonly #removeFolder: () => void;

  private constructor(
    started: HelperProcess<ClientCommand>,
    statuses: Map<string, ClientStatus>,
    removeFolder: () => void,
  ) {
    this.#process = started;
    this.#statuses = statuses;
    this.#removeFolder = removeFolder;
  }

  /** Builds the clients' program, and starts it. */
  static async start(library: Library): Promise<Clients> {
    const folder = temporaryFolder();
    const to = join(folder.path, "clients.mjs");
    await bundle("harness/client-process.ts", { to, platform: "node", library });
    const statuses = new Map<string, ClientStatus>();
    const onNews = ({ name, status }: StatusNews) => void statuses.set(name, status);
    const child = fork(to, { stdio: "inherit" });
    return new Clients(await HelperProcess.of(child, onNews), statuses, folder.remove);
  }

  /** Has clients connect. They come back by themselves until they are closed. */
  async open(specs: ClientSpec[]): Promise<void> {
    for (const { name } of specs) this.#statuses.set(name, { state: "connecting" });
    await this.#process.ask({ kind: "open", specs });
  }

  /** Has clients write entries, one after the other, until `hush`. */
  async talk(names: string[], { pauseMs }: { pauseMs: number }): Promise<void> {
    await this.#process.ask({ kind: "talk", names, pauseMs });
  }

  /** Has a client send entries without waiting for anything. */
  async flood(name: string, messages: number): Promise<void> {
    await this.#process.ask({ kind: "flood", name, messages });
  }

  /** Ends the talk of clients. Afterwards nothing of theirs is on its way any more. */
  async hush(names: string[]): Promise<void> {
    await this.#process.ask({ kind: "hush", names });
  }

  /** What clients know. */
  async records(names: string[]): Promise<ClientRecord[]> {
    return (await this.#process.ask({ kind: "records", names })) as ClientRecord[];
  }

  /** Closes clients for good, and forgets them. */
  async close(names: string[]): Promise<void> {
    await this.#process.ask({ kind: "close", names });
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
    await this.#process.stop();
    this.#removeFolder();
  }
}
