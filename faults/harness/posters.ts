import { fork } from "node:child_process";
import { join } from "node:path";
import { bundle, type Library } from "./bundle.ts";
import { temporaryFolder } from "@partyflare/harness/clean-up";
import { HelperProcess } from "@partyflare/harness/helper-process";
import type {
  DurablePlace,
  PosterCommand,
  PosterRecord,
  PosterSpec,
  PosterSummary,
  Posting,
} from "./poster-messages.ts";
import { eventually } from "@partyflare/harness/wait";

/** Clients of durable rooms, in a process of their own, which use the library as an app does. */
export class Posters {
  readonly #process: HelperProcess<PosterCommand>;
  readonly #removeFolder: () => void;

  private constructor(started: HelperProcess<PosterCommand>, removeFolder: () => void) {
    this.#process = started;
    this.#removeFolder = removeFolder;
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
    const child = fork(to, { stdio: "inherit", env });
    return new Posters(await HelperProcess.of(child), folder.remove);
  }

  /** Has clients connect, and waits until they are open. They come back by themselves. */
  async open(specs: PosterSpec[], withinMs: number): Promise<void> {
    await this.#process.ask({ kind: "open", specs });
    const names = specs.map(({ name }) => name);
    await this.allBe(names, withinMs, "are open", ({ state }) => state === "open");
  }

  /** Has clients begin to connect. */
  async begin(specs: PosterSpec[]): Promise<void> {
    await this.#process.ask({ kind: "open", specs });
  }

  /** Has clients call, from now on. */
  async post(names: string[], posting: Posting): Promise<void> {
    await this.#process.ask({ kind: "post", names, posting });
  }

  /** How clients are. */
  async summaries(names: string[]): Promise<PosterSummary[]> {
    return (await this.#process.ask({ kind: "summaries", names })) as PosterSummary[];
  }

  /** What clients know. */
  async records(names: string[]): Promise<PosterRecord[]> {
    return (await this.#process.ask({ kind: "records", names })) as PosterRecord[];
  }

  /** What all clients of a room have heard: see `Timeline.events`. */
  async timeline({ party, room }: DurablePlace): Promise<(string | null)[]> {
    const events = await this.#process.ask({ kind: "timeline", place: { party, room } });
    return events as (string | null)[];
  }

  /** The storage of a room was wiped, or put back to where it had so many events. */
  async fork({ party, room }: DurablePlace, after: number): Promise<void> {
    await this.#process.ask({ kind: "fork", place: { party, room }, after });
  }

  /** Closes clients for good, and forgets them. */
  async close(names: string[]): Promise<void> {
    await this.#process.ask({ kind: "close", names });
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
    await this.#process.stop();
    this.#removeFolder();
  }
}
