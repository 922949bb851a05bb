import { setTimeout as sleep } from "node:timers/promises";
import { connect, PartyError, type Room } from "@partyflare/client";
import type { WireHistory } from "@partyflare/shared/internal";
import type { posts } from "../worker/durable-contract.ts";
import { type Timeline, View } from "./delivery-model.ts";
import type { Posting, PosterRecord, PosterSpec, PosterSummary } from "./poster-messages.ts";

/** The library keeps 1,000 and refuses more. More than the 64 that it sends at a time. */
const MAX_UNANSWERED = 200;

/** Between two looks at whether there are fewer, in ms. */
const LOOK_EVERY_MS = 20;

/** One client that makes calls which happen once, and keeps a record of all it is told. */
export class Poster {
  readonly #name: string;
  readonly #room: Room<typeof posts>;
  readonly #view: View;
  readonly #offsets: number[] = [];
  readonly #unanswered = new Set<number>();
  readonly #refused: PosterRecord["refused"] = [];
  readonly #lost = new Set<number>();
  readonly #errors: string[] = [];
  readonly #recoveries = { recovered: 0, notRecovered: 0 };
  #opens = 0;
  #heard = 0;
  #postings = 0;

  constructor({ name, timing, ...options }: PosterSpec, timeline: Timeline) {
    this.#name = name;
    this.#view = new View(timeline);
    let told = 0;
    const WebSocket = socketThatTells((offset) => (told = offset));
    this.#room = connect<typeof posts>({ id: name, WebSocket, ...options, ...timing });
    this.#room.on("posted", (post, offset) => {
      this.#heard += 1;
      this.#view.hear(offset, post);
    });
    this.#room.onRecovery((recovery) => {
      this.#recoveries[recovery.recovered ? "recovered" : "notRecovered"] += 1;
      this.#view.recover({ ...recovery, offset: told });
    });
    this.#room.onError(({ code }) => this.#errors.push(`was told ${code}`));
    this.#room.onStatus(({ state }) => (this.#opens += state === "open" ? 1 : 0));
  }

  get summary(): PosterSummary {
    return {
      name: this.#name,
      state: this.#room.status.state,
      unanswered: this.#unanswered.size,
      isPosting: this.#postings > 0,
      offset: this.#view.offset,
    };
  }

  get record(): PosterRecord {
    return {
      name: this.#name,
      id: this.#room.id,
      opens: this.#opens,
      sent: this.#offsets.length,
      offsets: this.#offsets,
      unanswered: [...this.#unanswered],
      refused: this.#refused,
      lost: [...this.#lost],
      heard: this.#heard,
      offset: this.#view.offset,
      ...this.#recoveries,
      mistakes: [...this.#view.mistakes, ...this.#errors],
    };
  }

  /** Makes its calls, be the room open or not. */
  async post({ bursts, pauseMs }: Posting): Promise<void> {
    this.#postings += 1;
    for (const burst of bursts) {
      for (let count = 0; count < burst; count += 1) void this.#call();
      await sleep(pauseMs);
      while (this.#unanswered.size > MAX_UNANSWERED) await sleep(LOOK_EVERY_MS);
    }
    this.#postings -= 1;
  }

  /**
   * The room's storage is another, after an offset.
   *
   * @param lost of the calls that it has forgotten, the numbers of this client.
   */
  forget(lost: readonly number[]): void {
    for (const number of lost) this.#lost.add(number);
  }

  get view(): View {
    return this.#view;
  }

  close(): void {
    this.#room.close();
  }

  async #call(): Promise<void> {
    const number = this.#offsets.push(0);
    this.#unanswered.add(number);
    try {
      const { offset } = await this.#room.call("post", { number });
      this.#offsets[number - 1] = offset;
    } catch (error) {
      const code = error instanceof PartyError ? error.code : String(error);
      this.#refused.push({ number, code });
    }
    this.#unanswered.delete(number);
  }
}

/**
 * Returns a class of WebSockets that tells each place behind which the room says that its events
 * follow. The client itself keeps that place to itself.
 */
function socketThatTells(tell: (offset: number) => void): typeof WebSocket {
  return class extends WebSocket {
    constructor(...address: ConstructorParameters<typeof WebSocket>) {
      super(...address);
      // The client listens later, and so learns of it later.
      this.addEventListener("message", ({ data }) => {
        for (const text of String(data).split("\n")) {
          const [name, payload] = JSON.parse(text) as [string, Record<string, unknown>?];
          const history = name === "$hello" ? payload?.["history"] : payload;
          if (name === "$hello" || name === "$history") tell((history as WireHistory).offset);
        }
      });
    }
  };
}
