import type { SendableMessage } from "@partyflare/shared";
import {
  MAX_BATCH_LENGTH,
  MAX_BATCH_WINDOW_MS,
  MAX_FRAMES,
  utf8Length,
} from "@partyflare/shared/internal";
import type { QueueOptions } from "../connection/options";

/**
 * What may wait in the platform's own buffer, in bytes, before more is queued here. That buffer has
 * no bound, and nothing can be taken back from it.
 */
export const MAX_UNSENT_BYTES = 1_024 * 1_024;

/** How often it is looked at whether that buffer has emptied. No platform tells. */
const LOOK_AGAIN_MS = 50;

/** `WebSocket.OPEN`. Not every platform has the class. */
const OPEN = 1;

/**
 * What became of something that was to be sent: handed to the network, held in the queue until it
 * can be, or given up.
 */
export type Delivery = "sent" | "held" | "dropped";

/** Why something was given up: the queue is full, or there is no connection and will be none. */
export type DropReason = "full" | "closed";

/** Something to send, and what to call with what becomes of it. */
export interface QueuedMessage {
  message: SendableMessage | Blob;
  /** Whether it may wait for others, to be sent with them. */
  readonly mayWait?: boolean;
  /** Whether it is given up, unheard, when it cannot be sent now. */
  readonly isVolatile?: boolean;
  /**
   * Whether it keeps its place after it was sent, until it is removed: it is sent again on every
   * connection, and is outside of the queue's bounds. Set by `keep` once it is queued.
   */
  isKept?: boolean;
  /** Called before it is sent. False if its turn has not come: all behind it wait too. */
  prepare?(): boolean;
  onSent?(): void;
  onDropped?(): void;
}

/**
 * Whether something can be sent now (`writable`), soon (`congested`), not before it is known
 * whether the connection is alive (`doubtful`), or on the next connection (`closed`).
 */
export type TransportState = "writable" | "congested" | "doubtful" | "closed";

/** What sends messages. */
export interface Transport {
  state(): TransportState;
  send(message: QueuedMessage["message"]): void;
  /** Called with each message that is given up, but for those that are volatile, kept or taken back. */
  onDrop(message: QueuedMessage, reason: DropReason): void;
}

/**
 * The one queue of a connection: everything is sent in the order in which it was given, whether it
 * can be sent at once or waits, in bounds, until the transport is writable. What is kept until it is
 * answered has its place in it.
 */
export class SendQueue {
  readonly #batchMs: number | undefined;
  readonly #bounds: Required<QueueOptions>;
  readonly #transport: Transport;
  /** What is not sent, with the bytes of each. */
  readonly #waiting = new Map<QueuedMessage, number>();
  /** What is kept and was sent on this connection: all of it before all that waits. */
  readonly #unanswered = new Set<QueuedMessage>();
  /** Of what waits and is not kept. */
  #count = 0;
  #bytes = 0;
  #lookingAgain: ReturnType<typeof setTimeout> | undefined;
  /** A timer, or 0 for the end of the task. */
  #window: ReturnType<typeof setTimeout> | 0 | undefined;

  /**
   * @param batchMs of a queue of text frames, which are joined with newlines where several can leave
   *   together: how long what may wait does so; 0 for the end of the task. Default: nothing is joined.
   * @throws RangeError where that is not 0 to 1,000.
   */
  constructor(
    { maxMessages = 1_000, maxBytes = 1_048_576, overflow = "newest" }: QueueOptions = {},
    transport: Transport,
    batchMs?: number,
  ) {
    if (batchMs !== undefined && !(batchMs >= 0 && batchMs <= MAX_BATCH_WINDOW_MS)) {
      throw new RangeError(`batchMs is 0 to ${MAX_BATCH_WINDOW_MS}, not ${batchMs}.`);
    }
    this.#batchMs = batchMs;
    this.#bounds = { maxMessages, maxBytes, overflow };
    this.#transport = transport;
  }

  /** The bytes of what waits and is not kept, text as UTF-8. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Sends a message, or queues it behind those that wait already. Where that is one too many, one is
   * dropped.
   */
  send(message: QueuedMessage): Delivery {
    const state = this.#transport.state();
    const isWritable = state === "writable";
    // What waits without a window waits for its turn.
    const isStuck = this.#waiting.size > 0 && this.#window === undefined;
    if (message.isVolatile && (!isWritable || isStuck)) return "dropped";
    const waits = Boolean(message.mayWait) && this.#batchMs !== undefined;
    if (isWritable && !waits && this.#waiting.size === 0 && isReady(message)) {
      this.#transmit([message]);
      return "sent";
    }
    const bytes = bytesOf(message.message);
    // A window ends early where more would be too much.
    if (isWritable && this.#isTooMuch(message, bytes)) this.flush();
    const isFirst = isWritable && this.#waiting.size === 0;
    const dropped = isFirst ? [] : this.#makeRoom(message, bytes);
    if (!dropped) return this.drop(message, "full");
    this.#add(message, bytes);
    if (state === "congested") this.#lookAgain();
    if (isWritable) {
      const isFull = this.#isTooMuch(message, 0) || this.#bytes >= MAX_BATCH_LENGTH;
      // Not behind a call whose turn has not come: it waits for more than a window.
      const mayOpen = isFirst || this.#window !== undefined;
      if (waits && mayOpen && !isFull) this.#openWindow();
      else this.flush();
    }
    // Last, since a listener may send something else.
    for (const oldest of dropped) this.drop(oldest, "full");
    // What waits for the end of the task is as good as sent.
    return this.#window !== 0 && this.#waiting.has(message) ? "held" : "sent";
  }

  /** Gives up a message that is not in the queue. */
  drop(message: QueuedMessage, reason: DropReason): "dropped" {
    message.onDropped?.();
    if (!message.isVolatile && !message.isKept) this.#transport.onDrop(message, reason);
    return "dropped";
  }

  /** Keeps a message from now on, whether it is in the queue already or is to be sent. */
  keep(message: QueuedMessage): void {
    if (!message.isKept && this.#waiting.has(message)) this.#discount(message);
    message.isKept = true;
  }

  /** Takes a message out, if it is in the queue. Nothing is called. */
  remove(message: QueuedMessage): void {
    this.#unanswered.delete(message);
    if (!this.#waiting.has(message)) return;
    if (!message.isKept) this.#discount(message);
    this.#waiting.delete(message);
  }

  /** Takes everything out, in order. Nothing is called, and nothing is waited for. */
  drain(): QueuedMessage[] {
    this.#endWindow();
    clearTimeout(this.#lookingAgain);
    this.#lookingAgain = undefined;
    const messages = [...this.#unanswered, ...this.#waiting.keys()];
    for (const message of messages) this.remove(message);
    return messages;
  }

  /** Sends what waits, in order, for as long as the transport is writable. */
  flush(): void {
    while (this.#waiting.size > 0) {
      const state = this.#transport.state();
      if (state === "congested") this.#lookAgain();
      if (state !== "writable") return;
      this.#endWindow();
      const messages = this.#nextMessages();
      if (messages.length === 0) return;
      for (const message of messages) this.remove(message);
      this.#transmit(messages);
    }
  }

  /** The connection has ended: what is kept is sent again on the next one, in its place. */
  disconnect(): void {
    const waiting = [...this.#waiting];
    const again = [...this.#unanswered].map((message) => [message, 0] as const);
    this.#waiting.clear();
    this.#unanswered.clear();
    for (const [message, bytes] of [...again, ...waiting]) this.#waiting.set(message, bytes);
    for (const [message] of waiting) if (message.isVolatile) this.remove(message);
  }

  #transmit(messages: readonly QueuedMessage[]): void {
    for (const message of messages) if (message.isKept) this.#unanswered.add(message);
    this.#transport.send(joined(messages));
    for (const message of messages) message.onSent?.();
  }

  #add(message: QueuedMessage, bytes: number): void {
    this.#waiting.set(message, bytes);
    if (message.isKept) return;
    this.#count += 1;
    this.#bytes += bytes;
  }

  #discount(message: QueuedMessage): void {
    this.#count -= 1;
    this.#bytes -= this.#waiting.get(message) ?? 0;
  }

  /** The first that waits, with those after it that leave with it. None where its turn has not come. */
  #nextMessages(): QueuedMessage[] {
    const taken: QueuedMessage[] = [];
    let bytes = 0;
    for (const [message, size] of this.#waiting) {
      if (!isReady(message)) return taken;
      const isText = typeof message.message === "string" && this.#batchMs !== undefined;
      // What is kept has another text each time.
      bytes += (message.isKept ? bytesOf(message.message) : size) + 1;
      const isFull = bytes > MAX_BATCH_LENGTH || taken.length === MAX_FRAMES;
      if (taken.length > 0 && (!isText || isFull)) return taken;
      taken.push(message);
      if (!isText) return taken;
    }
    return taken;
  }

  #isTooMuch({ isKept }: QueuedMessage, bytes: number): boolean {
    if (isKept) return false;
    const { maxMessages, maxBytes } = this.#bounds;
    return this.#count + 1 > maxMessages || this.#bytes + bytes > maxBytes;
  }

  /** Takes out what has to go for a newcomer; undefined where the newcomer has to. */
  #makeRoom(message: QueuedMessage, bytes: number): QueuedMessage[] | undefined {
    const leaving: QueuedMessage[] = [];
    if (!this.#isTooMuch(message, bytes)) return leaving;
    const { maxMessages, maxBytes, overflow } = this.#bounds;
    if (overflow === "newest" || maxMessages < 1 || bytes > maxBytes) return undefined;
    for (const oldest of this.#waiting.keys()) {
      if (oldest.isKept) continue;
      this.remove(oldest);
      leaving.push(oldest);
      if (!this.#isTooMuch(message, bytes)) break;
    }
    return leaving;
  }

  #openWindow(): void {
    if (this.#window !== undefined) return;
    this.#window = this.#batchMs && setTimeout(this.#onWindowEnd, this.#batchMs);
    if (!this.#window) return queueMicrotask(this.#onWindowEnd);
    // A page that is left runs no more timers. Not every platform has such events.
    globalThis.addEventListener?.("pagehide", this.#onWindowEnd);
  }

  #endWindow(): void {
    clearTimeout(this.#window);
    this.#window = undefined;
    globalThis.removeEventListener?.("pagehide", this.#onWindowEnd);
  }

  readonly #onWindowEnd = (): void => {
    this.#endWindow();
    this.flush();
  };

  /** Where the network takes no more. A connection that opens or is trusted again is flushed by its owner. */
  #lookAgain(): void {
    if (this.#lookingAgain !== undefined) return;
    this.#lookingAgain = setTimeout(() => {
      this.#lookingAgain = undefined;
      this.flush();
    }, LOOK_AGAIN_MS);
  }
}

/** A socket, as far as it tells whether it can be sent to. */
interface SocketState {
  readonly readyState: number;
  readonly bufferedAmount: number;
  /** Whether the connection may be dead. */
  readonly isInDoubt?: boolean;
}

/** Whether a socket can be sent to. */
export function transportState(socket: SocketState): TransportState {
  if (socket.readyState !== OPEN) return "closed";
  if (socket.isInDoubt) return "doubtful";
  return socket.bufferedAmount > MAX_UNSENT_BYTES ? "congested" : "writable";
}

function isReady(message: QueuedMessage): boolean {
  return message.prepare?.() ?? true;
}

/** Several are text, all of them. */
function joined(messages: readonly QueuedMessage[]): QueuedMessage["message"] {
  const [first] = messages;
  if (first && messages.length === 1) return first.message;
  return messages.map(({ message }) => message as string).join("\n");
}

function bytesOf(message: QueuedMessage["message"]): number {
  if (typeof message === "string") return utf8Length(message);
  return "size" in message ? message.size : message.byteLength;
}
