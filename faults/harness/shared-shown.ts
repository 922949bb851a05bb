import type { SharedState } from "@partyflare/client";
import type { BoardContract } from "../worker/shared-contract.ts";
import type { Board } from "../worker/shared-report.ts";
import { told } from "./same.ts";
import type { PageOwner } from "./shared-page.ts";
import type { Wire } from "./shared-wire.ts";

/** An optimistic vote that the room has not answered. */
interface Guess {
  readonly key: string;
  readonly text: string;
  isAnswered?: boolean;
}

type Value = NonNullable<SharedState<BoardContract>["value"]>;

/** The keys whose parts keep their identity as long as they are equal. */
const PARTS = ["votes", "items", "hands", "teams", "free"] as const;

/** What a page has shown, one value after the other. */
export class Shown {
  readonly #board: SharedState<BoardContract>;
  readonly #owner: PageOwner;
  readonly #wire: Wire;
  readonly #guesses = new Set<Guess>();
  /** The counts that the room has not answered. */
  readonly #counting = new Set<string>();
  /** The counts whose connection was lost: the room may have counted already. */
  readonly #inDoubt = new Set<string>();
  #overshoots = 0;
  /** The last value, and what it was when it was shown. */
  #last: { readonly value: Value; readonly texts: readonly string[] } | undefined;
  #count: number | undefined;
  #version: number | undefined;
  #era: number;

  constructor(board: SharedState<BoardContract>, owner: PageOwner, wire: Wire) {
    this.#board = board;
    this.#owner = owner;
    this.#wire = wire;
    this.#era = owner.era;
    board.subscribe(() => this.#look());
  }

  /** Shows a count that is one higher, until the room has answered. */
  count(id: string, promise: Promise<unknown>): void {
    this.#counting.add(id);
    this.#show(promise, (value) => ({ ...value, count: value.count + 1 }));
  }

  /** The room has answered a count. */
  end(id: string): void {
    this.#counting.delete(id);
  }

  /** Shows a vote until the room has answered. */
  guess(key: string, text: string, promise: Promise<unknown>): void {
    const guess: Guess = { key, text };
    this.#guesses.add(guess);
    this.#show(promise, (value) => ({
      ...value,
      votes: { ...value.votes, [key]: { choice: text, weight: 0 } },
    }));
    void this.#follow(guess, promise);
  }

  /** The connection is lost. */
  doubt(): void {
    for (const id of this.#counting) {
      if (this.#inDoubt.has(id)) continue;
      this.#inDoubt.add(id);
      this.#overshoots += 1;
    }
  }

  async #follow(guess: Guess, promise: Promise<unknown>): Promise<void> {
    const { key, text } = guess;
    try {
      await promise;
    } catch {
      const { value, status } = this.#board;
      // While a large change is incomplete, a layer may stay until the rest of it.
      const isShown = status === "live" && value?.votes[key]?.choice === text;
      if (isShown && !this.#mayBeKept(text)) this.#say(`still shows ${text}, which was refused`);
    }
    guess.isAnswered = true;
    this.#guesses.delete(guess);
  }

  #show(promise: Promise<unknown>, update: (value: Board) => Board): void {
    this.#owner.counts.guesses += 1;
    void this.#board.optimistic(promise, (value) => update(value as Board) as Value);
  }

  /** A call without an answer may have been carried out. */
  #mayBeKept(text: string): boolean {
    const id = text.slice("OWN:".length);
    return this.#board.value?.kept[id] !== undefined;
  }

  #look(): void {
    const { value, version } = this.#board;
    this.#owner.counts.shown += 1;
    const isLossy = this.#owner.isLossy || this.#era !== this.#owner.era;
    this.#era = this.#owner.era;
    if (!value) return;
    this.#compareVersion(version, isLossy);
    this.#compareCount(version === undefined ? undefined : value.count, isLossy);
    // A later one of the same key is on top.
    const latest = new Map([...this.#guesses].map((guess) => [guess.key, guess]));
    for (const guess of latest.values()) {
      if (value.votes[guess.key]?.choice === guess.text) continue;
      // The message may have its answer, which nobody has been told of yet.
      setImmediate(() => {
        if (!guess.isAnswered) this.#say(`does not show ${guess.text}, which has no answer`);
      });
    }
    this.#compareParts(value);
  }

  #compareVersion(version: number | undefined, isLossy: boolean): void {
    const earlier = this.#version;
    this.#version = version;
    if (earlier === undefined || isLossy || this.#owner.variant.isFleeting) return;
    if (version === undefined || version < earlier) {
      this.#say(`shows version ${version} after ${earlier}`);
    }
  }

  /** Nobody counts down. */
  #compareCount(count: number | undefined, isLossy: boolean): void {
    const earlier = this.#count;
    this.#count = count;
    if (earlier === undefined || isLossy || this.#owner.variant.isFleeting) return;
    const drop = earlier - (count ?? 0);
    if (drop <= 0) return;
    if (drop > this.#overshoots) {
      this.#say(`shows the count ${count} after ${earlier}, with ${this.#overshoots} in doubt`);
      return;
    }
    this.#overshoots -= drop;
    this.#owner.counts.overshoots += drop;
  }

  /** Values do not change, and parts that are equal are identical. */
  #compareParts(value: Value): void {
    const texts = PARTS.map((part) => told(value[part]));
    const last = this.#last;
    this.#last = { value, texts };
    if (!last) return;
    for (const [index, part] of PARTS.entries()) {
      const [earlier, text] = [last.texts[index], texts[index]];
      if (told(last.value[part]) !== earlier) this.#say(`has changed ${part} of an earlier value`);
      if (earlier === text && last.value[part] !== value[part]) {
        this.#say(`has copied ${part}, which has not changed`);
      }
    }
  }

  #say(mistake: string): void {
    this.#owner.mistakes.push(`${mistake}, after the messages: ${this.#wire.trail.join(" | ")}`);
  }
}
