import {
  encodeClientFrame,
  MAX_KEPT_CALLS,
  MAX_KEPT_CALLS_LENGTH,
  MAX_OPERATIONS,
  type WireOnce,
} from "@partyflare/shared";
import { randomId } from "../connection/identity";
import type { Letter } from "./send-queue";
import type { Post } from "./calls";

/** How long to wait before a call is tried again that could not even be held, in ms. */
const TRY_AGAIN_MS = 500;

/** A call that is kept until it is answered. */
interface KeptCall {
  readonly id: number;
  readonly name: string;
  /** As JSON, of which there may be none. */
  readonly input: string | undefined;
  /** Counted within the page, in the order of sending. */
  number?: number;
  /** `WireOnce.since`, as it was when it was sent first; undefined for one that never was. */
  sentSince?: string | undefined;
  /** What of it is on its way, or held to be. */
  letter?: Letter;
  /** What was held for it before it was known to happen once: it has its place in the order. */
  held?: Letter;
}

/**
 * The calls that happen once: kept until the room has answered, sent again in their order on every
 * connection, and no more at a time than the room stores the results of.
 */
export class OnceCalls {
  readonly #post: Post;
  /** In the order in which they were made. */
  readonly #calls = new Map<number, KeptCall>();
  /** Numbers count within a page: another page of this client has others. */
  readonly #page = randomId();
  #once: WireOnce | undefined;
  #latest = 0;
  #length = 0;
  #isConnected = false;
  /** Whether what is held for a call lies behind all calls before it: then it may be sent in place. */
  #isHeldInOrder = false;
  #tryingAgain: ReturnType<typeof setTimeout> | undefined;

  constructor(post: Post) {
    this.#post = post;
  }

  /** Whether a call is to happen once, as far as the room has said. */
  has(name: string): boolean {
    return this.#once?.calls.includes(name) ?? false;
  }

  /** Whether a call is kept. */
  keeps(id: number): boolean {
    return this.#calls.has(id);
  }

  /**
   * Keeps a call, and sends it when it is its turn.
   *
   * @param held the letter that it is held as, if it is.
   * @returns false where no more can be kept.
   */
  add(id: number, name: string, input: unknown, held?: Letter): boolean {
    const text = JSON.stringify(input) as string | undefined;
    const length = text?.length ?? 0;
    if (this.#calls.size >= MAX_KEPT_CALLS) return false;
    if (this.#length + length > MAX_KEPT_CALLS_LENGTH) return false;
    const call: KeptCall = { id, name, input: text, held: this.#isHeldInOrder ? held : undefined };
    this.#calls.set(id, call);
    this.#length += length;
    this.#send();
    this.#isHeldInOrder &&= call.letter === held;
    // Its turn is later than its place.
    if (held && call.letter !== held) this.#post.takeBack(held);
    call.held = undefined;
    return true;
  }

  /** A call was answered, or is waited for no longer. */
  remove(id: number): void {
    const call = this.#calls.get(id);
    if (!call) return;
    this.#calls.delete(id);
    this.#length -= call.input?.length ?? 0;
    if (call.letter) this.#post.takeBack(call.letter);
    this.#send();
  }

  /** The room has said hello: what was on its way may be lost, and is sent again. */
  greet(once: WireOnce | undefined): void {
    this.renew(once);
    this.#isConnected = once !== undefined;
    // Calls that were kept go behind all that is held.
    this.#isHeldInOrder = this.#calls.size === 0;
    this.#send();
  }

  /** Takes what the room has said. What was sent before is sent again as it was. */
  renew(once: WireOnce | undefined): void {
    this.#once = once;
  }

  /** The connection is lost. */
  disconnect(): void {
    this.#isConnected = false;
    this.#takeBackFrom(0);
  }

  #send(): void {
    if (!this.#isConnected || !this.#once) return;
    let oldest: number | undefined;
    for (const call of this.#calls.values()) {
      const number = call.number ?? this.#latest + 1;
      oldest ??= number;
      // The room keeps the results of so many: none is given up before its call is answered.
      if (number >= oldest + MAX_OPERATIONS) return;
      if (call.letter) continue;
      this.#latest = Math.max(this.#latest, number);
      call.number = number;
      this.#transmit(call, { number, oldest, since: this.#once.since });
      // Those behind it wait: calls are carried out in the order in which they were made.
      if (!call.letter) return;
    }
  }

  /** So that calls are never sent for the first time out of their order. */
  #takeBackFrom(number: number): void {
    for (const call of this.#calls.values()) {
      if (!call.letter || (call.number ?? 0) < number) continue;
      this.#post.takeBack(call.letter);
      call.letter = undefined;
    }
  }

  #tryAgainLater(): void {
    if (this.#tryingAgain !== undefined) return;
    this.#tryingAgain = setTimeout(() => {
      this.#tryingAgain = undefined;
      this.#send();
    }, TRY_AGAIN_MS);
  }

  #transmit(call: KeptCall, order: { number: number; oldest: number; since: string }): void {
    const { id, name, input, sentSince } = call;
    const value: unknown = input === undefined ? null : JSON.parse(input);
    const since = sentSince ?? order.since;
    const operation = { ...order, page: this.#page, since, repeat: sentSince !== undefined };
    const message = encodeClientFrame({ kind: "call", id, name, input: value, operation });
    const onSent = () => void (call.sentSince = since);
    if (call.held) {
      call.letter = call.held;
      call.letter.message = message;
      call.letter.onSent = onSent;
      call.held = undefined;
      return;
    }
    const letter: Letter = {
      message,
      kept: true,
      onSent,
      onDropped: () => {
        this.#takeBackFrom(order.number);
        this.#tryAgainLater();
      },
    };
    call.letter = letter;
    this.#post.send(letter);
  }
}
