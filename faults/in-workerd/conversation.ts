import { exports } from "cloudflare:workers";
import { expect, vi } from "vitest";
import type { RoomReport } from "../worker/report.ts";
import { FramedClient, PATIENCE } from "./framed-client.ts";

/** Who speaks. */
export const IDS = ["ada", "ben", "cleo"];

/** What they may be tagged with. */
export const TAGS = ["red", "green", "blue"];

/** One step of a conversation. Its `client` is an index into `IDS`, and its `tag` into `TAGS`. */
export type Step =
  | { kind: "add" | "confirm" | "close"; client: number }
  | { kind: "tag"; client: number; tag: number };

/** A client as the model has it. */
interface Speaker {
  /** Undefined while it is not connected. */
  client: FramedClient | undefined;
  tags: string[];
  /** What it has sent, in order. */
  numbers: number[];
  /** How many of them, from the first on, the room has confirmed. */
  confirmed: number;
}

/** A room, the clients that speak to it, and what should be true of it therefore. */
export class Conversation {
  readonly room = `room-${crypto.randomUUID()}`;
  readonly #party: "hibernating" | "in-memory";
  readonly #speakers = new Map<string, Speaker>();
  /** The places in the log that the room has told, by number. */
  readonly #seqs = new Map<number, number>();
  #closes = 0;
  #lastNumber = 0;

  constructor(party: "hibernating" | "in-memory") {
    this.#party = party;
    for (const id of IDS) {
      this.#speakers.set(id, { client: undefined, tags: [], numbers: [], confirmed: 0 });
    }
  }

  /** Does what a step says. Its client connects for it, where it is not connected. */
  async take(step: Step): Promise<void> {
    const id = IDS[step.client] ?? "";
    const speaker = this.#speaker(id);
    const client = (speaker.client ??= await FramedClient.open(this.#party, this.room, id));
    switch (step.kind) {
      case "add":
        client.add(this.#next(speaker));
        return;
      case "confirm": {
        const number = this.#next(speaker);
        this.#seqs.set(number, await client.confirm(number));
        speaker.confirmed = speaker.numbers.length;
        return;
      }
      case "tag":
        speaker.tags = [TAGS[step.tag] ?? ""];
        client.tag(speaker.tags[0] ?? "");
        return;
      case "close":
        client.close();
        Object.assign(speaker, { client: undefined, tags: [] });
        this.#closes += 1;
        // Or a reset right after it could come before its `onClose`, which then never runs.
        await this.agree();
        return;
      default:
        step satisfies never;
    }
  }

  /** Waits until all that was sent has arrived, and the room is as it should be. */
  async agree(): Promise<RoomReport> {
    return vi.waitFor(async () => {
      const report = await this.#report();
      for (const [id, { numbers }] of this.#speakers) {
        expect(numbersBy(report, id), `what ${id} has sent`).toEqual(numbers);
      }
      this.#compare(report);
      return report;
    }, PATIENCE);
  }

  /** After a reset: nobody is connected, and what was not confirmed may be lost, the latest first. */
  async recover(): Promise<void> {
    for (const speaker of this.#speakers.values()) {
      // It is dead. Left as it is, it would slow down every reset that follows.
      speaker.client?.close();
      Object.assign(speaker, { client: undefined, tags: [] });
    }
    const report = await this.#report();
    for (const [id, speaker] of this.#speakers) {
      const stored = numbersBy(report, id);
      expect(stored, `what ${id} has sent`).toEqual(speaker.numbers.slice(0, stored.length));
      expect(stored.length).toBeGreaterThanOrEqual(speaker.confirmed);
      speaker.numbers = stored;
    }
    this.#compare(report);
  }

  #compare({ log, visits, connections }: RoomReport): void {
    expect(log.findIndex(({ seq }, index) => seq !== index + 1)).toBe(-1);
    const moved = [...this.#seqs].filter(([number, seq]) => log[seq - 1]?.number !== number);
    expect(moved, "confirmed entries that are not in their place").toEqual([]);
    const here = [...this.#speakers].filter(([, { client }]) => client);
    const listed = connections.map(({ id, tags }) => `${id} ${tags.join()}`);
    expect(listed.toSorted()).toEqual(here.map(([id, { tags }]) => `${id} ${tags.join()}`));
    const closes = visits.flatMap((visit) => visit.closes);
    expect(closes).toHaveLength(this.#closes);
    expect(visits.every((visit) => visit.closes.length <= 1)).toBe(true);
    const known = new Map(visits.map((visit) => [visit.visit, visit]));
    expect(connections.every(({ visit }) => known.get(visit)?.closes.length === 0)).toBe(true);
  }

  #next({ numbers }: Speaker): number {
    this.#lastNumber += 1;
    numbers.push(this.#lastNumber);
    return this.#lastNumber;
  }

  #speaker(id: string): Speaker {
    const speaker = this.#speakers.get(id);
    if (!speaker) throw new Error(`Nobody is called "${id}".`);
    return speaker;
  }

  async #report(): Promise<RoomReport> {
    const url = `https://example.com/parties/${this.#party}/${this.room}`;
    return (await exports.default.fetch(url)).json();
  }
}

function numbersBy({ log }: RoomReport, id: string): number[] {
  return log.filter(({ by }) => by === id).map(({ number }) => number);
}
