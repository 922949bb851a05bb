import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { bundle, type Library } from "./bundle.ts";
import { temporaryFolder, undoAtExit } from "@partyflare/harness/clean-up";
import type {
  DurablePlace,
  PosterAnswer,
  PosterCommand,
  PosterOrder,
  PosterRecord,
  PosterSpec,
  PosterSummary,
  Posting,
} from "./poster-messages.ts";
import { eventually } from "@partyflare/harness/wait";

interface Waiting {
  resolve: (result: unknown) => void;
  reject: (error: Error) => void;
}

/** Clients of durable rooms, in a process of their own, which use the library as an app does. */
export class Posters {
  readonly #child: ChildProcess;
  readonly #stopChild: () => void;
  readonly #removeFolder: () => void;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;

  private constructor(child: ChildProcess, removeFolder: () => void) {
    this.#child = child;
    this.#removeFolder = removeFolder;
    this.#stopChild = undoAtExit(() => child.kill("SIGKILL"));
    child.on("message", (answer: PosterAnswer) => this.#receive(answer));
    child.on("exit", () => this.#end());
  }

  /**
   * Builds the clients' program, and starts it.
   *
   * @param options `clockShiftMs` is by how much its clock is wrong. Default: 0.
   */
  static async start(library: Library, { clockShiftMs = 0 } = {}): Promise<Posters> {
    const folder = temporaryFolder();
    const to = join(folder.path, "posters.mjs");
    await bundle("harness/poster-process.ts", { to, platform: "node", library });
    const env = { ...process.env, CLOCK_SHIFT_MS: String(clockShiftMs) };
    const posters = new Posters(fork(to, { stdio: "inherit", env }), folder.remove);
    await once(posters.#child, "message");
    return posters;
  }

  /** Has clients connect, and waits until they are open. They come back by themselves. */
  async open(specs: PosterSpec[], withinMs: number): Promise<void> {
    await this.#ask({ kind: "open", specs });
    const names = specs.map(({ name }) => name);
    await this.allBe(names, withinMs, "are open", ({ state }) => state === "open");
  }

  /** Has clients begin to connect. */
  async begin(specs: PosterSpec[]): Promise<void> {
    await this.#ask({ kind: "open", specs });
  }

  /** Has clients call, from now on. */
  async post(names: string[], posting: Posting): Promise<void> {
    await this.#ask({ kind: "post", names, posting });
  }

  /** How clients are. */
  async summaries(names: string[]): Promise<PosterSummary[]> {
    return (await this.#ask({ kind: "summaries", names })) as PosterSummary[];
  }

  /** What clients know. */
  async records(names: string[]): Promise<PosterRecord[]> {
    return (await this.#ask({ kind: "records", names })) as PosterRecord[];
  }

  /** What all clients of a room have heard: see `Timeline.events`. */
  async timeline({ party, room }: DurablePlace): Promise<(string | null)[]> {
    return (await this.#ask({ kind: "timeline", place: { party, room } })) as (string | null)[];
  }

  /** The storage of a room was wiped, or put back to where it had so many events. */
  async fork({ party, room }: DurablePlace, after: number): Promise<void> {
    await this.#ask({ kind: "fork", place: { party, room }, after });
  }

  /** Closes clients for good, and forgets them. */
  async close(names: string[]): Promise<void> {
    await this.#ask({ kind: "close", names });
  }

  /**
   * Waits until something holds for all of some clients.
   *
   * @throws Error that tells how those are for whom it does not.
   */
  async allBe(
    names: string[],
    withinMs: number,
    what: string,
    holds: (summary: PosterSummary) => boolean,
  ): Promise<void> {
    await eventually(`${names.length} clients ${what}`, withinMs, async () => {
      const others = (await this.summaries(names)).filter((summary) => !holds(summary));
      if (others.length === 0) return true;
      throw new Error(`${others.length} do not: ${JSON.stringify(others.slice(0, 5))}`);
    });
  }

  /** Ends the process. */
  async stop(): Promise<void> {
    const ended = this.#child.exitCode === null ? once(this.#child, "exit") : undefined;
    this.#stopChild();
    await ended;
    this.#removeFolder();
  }

  #ask(command: PosterCommand): Promise<unknown> {
    const id = (this.#lastId += 1);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      const order: PosterOrder = { id, command };
      this.#child.send(order, (error) => error && reject(error));
    });
  }

  #receive(answer: PosterAnswer): void {
    if (answer.kind === "ready") return;
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (answer.kind === "done") waiting?.resolve(answer.result);
    else waiting?.reject(new Error(answer.error));
  }

  #end(): void {
    for (const waiting of this.#waiting.values()) {
      waiting.reject(new Error("The process of the clients has ended."));
    }
    this.#waiting.clear();
  }
}
