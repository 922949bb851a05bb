import { setTimeout as sleep } from "node:timers/promises";
import { percentile } from "../statistics.ts";
import { type Address, LoadConnection } from "./connection.ts";
import { textFrame } from "./frames.ts";
import type {
  Exchange,
  LoadCommand,
  LoadReport,
  Publication,
  Storm,
  Visit,
  Watch,
} from "./messages.ts";
import { Positions } from "./positions.ts";
import { sleepUntilStill } from "./stillness.ts";
import { Tally } from "./tally.ts";

/** By when all that was sent in a storm has arrived, where nobody knows how much that is. */
const STORM_ENDS_WITHIN_MS = 100;

/** By when everyone has to have seen the last positions of a storm. */
const STORM_ENDS_AT_LAST_MS = 60_000;

/** The shortest that Node's timers know. */
const TICK_MS = 1;

/** Opens connections, speaks, and counts what comes. */
export class Generator {
  readonly #tally = new Tally();
  #connections: LoadConnection[] = [];

  /** Does it, and says how it went. */
  async obey(command: LoadCommand): Promise<LoadReport> {
    const startMs = performance.now();
    const { received: receivedBefore, receivedBytes: bytesBefore } = this.#tally;
    const { done, latenciesMs = [], cpuMicroseconds, positions } = await this.#do(command);
    return {
      received: this.#tally.received - receivedBefore,
      receivedBytes: this.#tally.receivedBytes - bytesBefore,
      done,
      wallMs: performance.now() - startMs,
      p50Ms: percentile(latenciesMs, 0.5),
      p95Ms: percentile(latenciesMs, 0.95),
      p99Ms: percentile(latenciesMs, 0.99),
      cpuMicroseconds,
      positions,
    };
  }

  #do(command: LoadCommand): Promise<Done> {
    switch (command.kind) {
      case "open":
        return command.watched === undefined
          ? this.#open(command)
          : this.#openWatched(command, command.watched);
      case "churn":
        return this.#visit(command, (connection) => connection.close());
      case "return":
        return this.#return(command);
      case "exchange":
        return this.#exchange(command);
      case "storm":
        return this.#storm(command);
      case "publish":
        return this.#publish(command);
      case "close":
        return this.#close(command);
      default:
        return command satisfies never;
    }
  }

  #open(visit: Visit): Promise<Done> {
    const { length } = this.#connections;
    return this.#visit(visit, async (connection, index) => {
      this.#connections[length + index] = connection;
    });
  }

  async #openWatched({ paths, greetings, ...address }: Visit, pid: number): Promise<Done> {
    const greeted = this.#tally.received + greetings * paths.length;
    const opened = await this.#connect(paths, address);
    const upgrades: Promise<void>[] = [];
    const cpuMicroseconds = sleepUntilStill(pid, () => {
      for (const connection of opened) upgrades.push(connection.upgrade());
    });
    await Promise.all(upgrades);
    await this.#tally.reach(greeted);
    this.#connections.push(...opened);
    return { done: paths.length, cpuMicroseconds };
  }

  async #return({ paths, atOnce, greetings, ...address }: Visit): Promise<Done> {
    const latenciesMs: number[] = [];
    for (let next = 0; next < paths.length; next += atOnce) {
      const group = await this.#connect(paths.slice(next, next + atOnce), address);
      const greeted = this.#tally.received + greetings * group.length;
      const startMs = performance.now();
      await Promise.all(group.map((connection) => connection.upgrade()));
      await this.#tally.reach(greeted);
      latenciesMs.push(performance.now() - startMs);
      await Promise.all(group.map((connection) => connection.close()));
    }
    return { done: paths.length, latenciesMs };
  }

  #connect(paths: readonly string[], address: Omit<Address, "path">): Promise<LoadConnection[]> {
    return Promise.all(
      paths.map((path) => LoadConnection.connect({ ...address, path }, this.#tally)),
    );
  }

  async #visit(
    { paths, atOnce, greetings, ...address }: Visit,
    then: (connection: LoadConnection, index: number) => Promise<void>,
  ): Promise<Done> {
    const greeted = this.#tally.received + greetings * paths.length;
    const latenciesMs: number[] = [];
    const waiting = paths.entries();
    const visitor = async () => {
      for (const [index, path] of waiting) {
        const startMs = performance.now();
        const connection = await LoadConnection.connect({ ...address, path }, this.#tally);
        await connection.upgrade();
        latenciesMs.push(performance.now() - startMs);
        await then(connection, index);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, visitor));
    await this.#tally.reach(greeted);
    return { done: paths.length, latenciesMs };
  }

  async #exchange(exchange: Exchange & Watch): Promise<Done> {
    const { from, texts, answers, times = 1, pauseMs = 0, watched } = exchange;
    const frames = Buffer.concat(texts.map(textFrame));
    const speakers = from.map((index) => this.#at(index));
    const speak = () => speakers.map((speaker) => speaker.send(frames));
    const speakWatched = () => {
      if (speak().includes(false))
        throw new Error("A burst is more than the system takes at once.");
    };
    const latenciesMs: number[] = [];
    let cpuMicroseconds = 0;
    for (let turn = 0; turn < times; turn += 1) {
      const expected = this.#tally.received + answers;
      const startMs = performance.now();
      if (watched === undefined) speak();
      else cpuMicroseconds += sleepUntilStill(watched, speakWatched);
      await this.#tally.reach(expected);
      latenciesMs.push(performance.now() - startMs);
      if (pauseMs > 0) await sleep(pauseMs);
    }
    const done = times * from.length * texts.length;
    return watched === undefined ? { done, latenciesMs } : { done, cpuMicroseconds };
  }

  async #storm({ texts, perSecond, seconds, receivers, arePositions }: Storm): Promise<Done> {
    const frames = texts.map((each) => each.map(textFrame));
    const watched = arePositions ? this.#watchPositions() : undefined;
    const total = Math.round(frames.length * perSecond * seconds);
    const everyMs = 1_000 / (frames.length * perSecond);
    const receivedBefore = this.#tally.received;
    const startMs = performance.now();
    // Whose turn it is goes round, so that they are spread evenly over time.
    for (let sent = 0; sent < total;) {
      const dueMs = performance.now() - startMs;
      for (; sent < total && sent * everyMs <= dueMs; sent += 1) {
        const speaker = sent % frames.length;
        const said = frames[speaker] ?? [];
        const frame = said[Math.floor(sent / frames.length) % said.length];
        if (frame) this.#at(speaker).send(frame);
      }
      await sleep(TICK_MS);
    }
    if (watched) await allSee(watched, total / frames.length - 1);
    else if (receivers === undefined) await sleep(STORM_ENDS_WITHIN_MS);
    else await this.#tally.reach(receivedBefore + total * receivers);
    const positions = watched?.reduce((sum, { count }) => sum + count, 0);
    return { done: total, positions };
  }

  /** Has every connection read the positions that come from now on. */
  #watchPositions(): Positions[] {
    return this.#connections.map((connection) => (connection.positions = new Positions()));
  }

  async #publish({ url, body, answers, times, pauseMs }: Publication): Promise<Done> {
    const latenciesMs: number[] = [];
    for (let time = 0; time < times; time += 1) {
      const expected = this.#tally.received + answers;
      const startMs = performance.now();
      const response = await fetch(url, { method: "POST", body });
      if (!response.ok) throw new Error(`Not published: ${response.status}`);
      await this.#tally.reach(expected);
      latenciesMs.push(performance.now() - startMs);
      await sleep(pauseMs);
    }
    return { done: times, latenciesMs };
  }

  async #close({ watched }: Watch): Promise<Done> {
    const closing = this.#connections;
    this.#connections = [];
    const ended: Promise<void>[] = [];
    const close = () => {
      for (const connection of closing) ended.push(connection.close());
    };
    const cpuMicroseconds = watched === undefined ? close() : sleepUntilStill(watched, close);
    await Promise.all(ended);
    return { done: closing.length, cpuMicroseconds: cpuMicroseconds ?? undefined };
  }

  #at(index: number): LoadConnection {
    const connection = this.#connections[index];
    if (!connection) throw new Error(`There is no connection ${index}.`);
    return connection;
  }
}

/** Waits until each has seen where all the others are after their last move. */
async function allSee(viewers: readonly Positions[], lastMove: number): Promise<void> {
  const untilMs = performance.now() + STORM_ENDS_AT_LAST_MS;
  const isBehind = (viewer: Positions, own: number) =>
    viewers.some((_, person) => person !== own && viewer.lastOf(person) !== lastMove);
  while (viewers.some(isBehind)) {
    if (performance.now() > untilMs) {
      const behind = viewers.filter(isBehind).length;
      throw new Error(`${behind} have not seen where everyone is after move ${lastMove}.`);
    }
    await sleep(TICK_MS);
  }
}

/** What came of a command. */
interface Done {
  readonly done: number;
  readonly latenciesMs?: readonly number[];
  readonly cpuMicroseconds?: number | undefined;
  readonly positions?: number | undefined;
}
