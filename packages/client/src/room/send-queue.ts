import {
  MAX_BATCH_LENGTH,
  MAX_BATCH_WINDOW_MS,
  MAX_FRAMES,
  type SendableMessage,
} from "@partyflare/shared";
import type { HoldOptions } from "../connection/options";

/**
 * What may wait in the platform's own buffer, in bytes, before more is held here. That buffer has
 * no bound, and nothing can be taken back from it.
 */
export const MAX_UNSENT_BYTES = 1_024 * 1_024;

/** How often it is looked at whether that buffer has emptied. No platform tells. */
const LOOK_AGAIN_MS = 50;

/** `WebSocket.OPEN`. Not every platform has the class. */
const OPEN = 1;

/**
 * What became of something that was to be sent: handed to the network, held until it can be, or
 * given up.
 */
export type Delivery = "sent" | "held" | "dropped";

/** Why something was given up: no more may be held, or there is no connection and will be none. */
export type DropReason = "full" | "closed";

/** Something to send, and who wants to know what becomes of it. */
export interface Letter {
  message: SendableMessage | Blob;
  /** Whether it may wait for others, to be sent with them. */
  readonly mayWait?: boolean;
  /** Whether it is kept elsewhere: it is not held, and nobody is told when it is dropped but it. */
  readonly kept?: boolean;
  onSent?: () => void;
  readonly onDropped?: () => void;
}

/** Whether something can be sent now, or soon, or not before the connection is open again. */
export type LineState = "clear" | "busy" | "down";

/** Where letters go. */
export interface Line {
  state(): LineState;
  send(message: Letter["message"]): void;
  /** Told of each letter that is given up, but for those that were taken back. */
  onDrop(letter: Letter, reason: DropReason): void;
}

/**
 * What is held until it can be sent, in order and bounded: while the line is not clear, and, where
 * there is a window, for what follows within it. Text that is held is joined with newlines then.
 */
export class Outbox {
  readonly #batchMs: number;
  readonly #bounds: Required<HoldOptions>;
  readonly #line: Line;
  /** With the bytes of each. */
  readonly #letters = new Map<Letter, number>();
  #bytes = 0;
  #lookingAgain: ReturnType<typeof setTimeout> | undefined;
  #window: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param batchMs how long what may wait does so. Default: 0, not at all.
   * @throws RangeError where that is not 0 to 1,000.
   */
  constructor(
    { messages = 1_000, bytes = 1_048_576, refuse = "newest" }: HoldOptions = {},
    line: Line,
    batchMs = 0,
  ) {
    if (!(batchMs >= 0 && batchMs <= MAX_BATCH_WINDOW_MS)) {
      throw new RangeError(`batchMs is 0 to ${MAX_BATCH_WINDOW_MS}, not ${batchMs}.`);
    }
    this.#batchMs = batchMs;
    this.#bounds = { messages, bytes, refuse };
    this.#line = line;
  }

  /** The bytes of what is held, text as UTF-8. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Sends a letter, or holds it: where the line is not clear, for what follows, and behind those
   * held already. Where the line is not clear and that is one too many, one is dropped.
   */
  send(letter: Letter): Delivery {
    const state = this.#line.state();
    if (state === "clear" && this.#batchMs > 0) return this.#sendInWindow(letter);
    if (state === "clear" && this.#letters.size === 0) {
      this.#line.send(letter.message);
      letter.onSent?.();
      return "sent";
    }
    const bytes = bytesOf(letter.message);
    const dropped = this.#makeRoom(bytes);
    if (!dropped) return this.drop(letter, "full");
    this.#hold(letter, bytes);
    if (state !== "down") this.#lookAgain();
    // Last, since whoever is told may send something else.
    for (const oldest of dropped) this.drop(oldest, "full");
    return "held";
  }

  /** Gives up a letter that is not held. */
  drop(letter: Letter, reason: DropReason): "dropped" {
    letter.onDropped?.();
    if (!letter.kept) this.#line.onDrop(letter, reason);
    return "dropped";
  }

  /** Takes a letter back, if it is still held. Nobody is told. */
  remove(letter: Letter): void {
    this.#bytes -= this.#letters.get(letter) ?? 0;
    this.#letters.delete(letter);
  }

  /** Takes everything back, in order. Nobody is told. */
  drain(): Letter[] {
    const letters = [...this.#letters.keys()];
    this.#letters.clear();
    this.#bytes = 0;
    return letters;
  }

  /** Sends what is held, in order, for as long as the line is clear. */
  flush(): void {
    while (this.#letters.size > 0) {
      const state = this.#line.state();
      if (state === "busy") this.#lookAgain();
      if (state !== "clear") return;
      const letters = this.#nextMessage();
      for (const letter of letters) this.remove(letter);
      this.#line.send(joined(letters));
      for (const letter of letters) letter.onSent?.();
    }
  }

  /** The line is clear: nothing is dropped. What need not wait takes along all that does. */
  #sendInWindow(letter: Letter): Delivery {
    this.#hold(letter, bytesOf(letter.message));
    const { messages, bytes } = this.#bounds;
    const isFull =
      this.#letters.size >= messages || this.#bytes >= Math.min(bytes, MAX_BATCH_LENGTH);
    if (!letter.mayWait || isFull) this.flush();
    else if (this.#window === undefined) {
      this.#window = setTimeout(() => {
        this.#window = undefined;
        this.flush();
      }, this.#batchMs);
    }
    return this.#letters.has(letter) ? "held" : "sent";
  }

  #hold(letter: Letter, bytes: number): void {
    this.#letters.set(letter, bytes);
    this.#bytes += bytes;
  }

  /** The first letter that is held, with those after it that go into the same message. */
  #nextMessage(): Letter[] {
    const taken: Letter[] = [];
    let bytes = 0;
    for (const [letter, size] of this.#letters) {
      const isText = typeof letter.message === "string" && this.#batchMs > 0;
      bytes += size + 1;
      const isFull = bytes > MAX_BATCH_LENGTH || taken.length === MAX_FRAMES;
      if (taken.length > 0 && (!isText || isFull)) return taken;
      taken.push(letter);
      if (!isText) return taken;
    }
    return taken;
  }

  /** Takes out what has to go for a newcomer; undefined where the newcomer has to. */
  #makeRoom(bytes: number): Letter[] | undefined {
    const { messages, refuse } = this.#bounds;
    const leaving: Letter[] = [];
    const isTooMuch = () =>
      this.#letters.size + 1 > messages || this.#bytes + bytes > this.#bounds.bytes;
    if (messages < 1 || bytes > this.#bounds.bytes) return undefined;
    if (refuse === "newest") return isTooMuch() ? undefined : leaving;
    for (const oldest of this.#letters.keys()) {
      if (!isTooMuch()) break;
      this.remove(oldest);
      leaving.push(oldest);
    }
    return leaving;
  }

  /** For a line that is busy. One that goes down and comes up again is flushed by its owner. */
  #lookAgain(): void {
    if (this.#lookingAgain !== undefined) return;
    this.#lookingAgain = setTimeout(() => {
      this.#lookingAgain = undefined;
      this.flush();
    }, LOOK_AGAIN_MS);
  }
}

/** Whether a socket can be sent to. */
export function lineState(socket: { readyState: number; bufferedAmount: number }): LineState {
  if (socket.readyState !== OPEN) return "down";
  return socket.bufferedAmount > MAX_UNSENT_BYTES ? "busy" : "clear";
}

/** Several are text, all of them. */
function joined(letters: readonly Letter[]): Letter["message"] {
  const [first] = letters;
  if (first && letters.length === 1) return first.message;
  return letters.map(({ message }) => message as string).join("\n");
}

function bytesOf(message: Letter["message"]): number {
  if (typeof message === "string") return new TextEncoder().encode(message).length;
  return message instanceof Blob ? message.size : message.byteLength;
}
