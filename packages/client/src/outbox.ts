import type { SendableMessage } from "@partyflare/shared";

/** How much is held. */
export interface OutboxBounds {
  /** Messages. */
  maxHeldFrames: number;
  /** Their bytes, text as UTF-8. */
  maxHeldBytes: number;
}

/** Something to send, and who wants to know that it was. */
export interface Letter {
  readonly message: SendableMessage;
  readonly onSent?: () => void;
}

/** What is held until the room can take it, in order and bounded. */
export class Outbox {
  readonly #bounds: OutboxBounds;
  /** With the bytes of each. */
  readonly #letters = new Map<Letter, number>();
  #bytes = 0;

  constructor(bounds: OutboxBounds) {
    this.#bounds = bounds;
  }

  /** Holds a letter, unless that would be one too many: the newest is refused. */
  hold(letter: Letter): boolean {
    const bytes = bytesOf(letter.message);
    const { maxHeldFrames, maxHeldBytes } = this.#bounds;
    if (this.#letters.size >= maxHeldFrames || this.#bytes + bytes > maxHeldBytes) return false;
    this.#letters.set(letter, bytes);
    this.#bytes += bytes;
    return true;
  }

  /** Gives up a letter, if it is still held. */
  remove(letter: Letter): void {
    this.#bytes -= this.#letters.get(letter) ?? 0;
    this.#letters.delete(letter);
  }

  /** Gives up everything. */
  clear(): void {
    this.#letters.clear();
    this.#bytes = 0;
  }

  /** Hands over what is held, in order, for as long as it is taken. */
  flush(send: (letter: Letter) => boolean): void {
    for (const letter of this.#letters.keys()) {
      if (!send(letter)) return;
      this.remove(letter);
    }
  }
}

function bytesOf(message: SendableMessage): number {
  return typeof message === "string"
    ? new TextEncoder().encode(message).length
    : message.byteLength;
}
