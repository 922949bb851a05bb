import type { SendableMessage } from "@partyflare/shared";
import { utf8Length } from "@partyflare/shared/internal";
import { OPEN } from "./attempt";
import type { QueueOptions } from "./options";

/**
 * The most bytes in the platform's own buffer before messages are queued here. The platform's
 * buffer has no bound, and nothing can be removed from it.
 */
export const MAX_UNSENT_BYTES = 1_048_576;

/** How often the client checks whether that buffer has emptied. No platform reports it. */
const LOOK_AGAIN_MS = 50;

/**
 * The outcome of a send: `sent` to the network, `held` in the queue until it can be sent, or
 * `dropped`.
 */
export type Delivery = "sent" | "held" | "dropped";

/**
 * Why a message was dropped: the queue is full (`full`), or the connection is closed for good
 * (`closed`).
 */
export type DropReason = "full" | "closed";

/** A message to send. */
export interface QueuedMessage {
  message: SendableMessage | Blob;
  /** Whether the message is outside the queue's bounds. */
  isKept?: boolean;
}

/**
 * Whether the transport can send: now (`writable`), soon (`congested`), when the connection has
 * proved to be alive (`doubtful`), or on the next connection (`closed`).
 */
export type TransportState = "writable" | "congested" | "doubtful" | "closed";

/** Sends messages. */
export interface Transport<Message extends QueuedMessage> {
  state(): TransportState;
  send(message: QueuedMessage["message"]): void;
  /** Called with each message that is dropped and was not taken back. */
  onDrop(message: Message, reason: DropReason): void;
}

/**
 * The only queue of a connection. It sends messages in order: at once, or when the transport is
 * writable again. Its size is bounded.
 */
export abstract class MessageQueue<Message extends QueuedMessage> {
  protected readonly transport: Transport<Message>;
  /** The queued messages, with the bytes of each; undefined for a message outside the bounds. */
  protected readonly waiting = new Map<Message, number | undefined>();
  readonly #bounds: Required<QueueOptions>;
  /** The number of queued messages within the bounds. */
  #count = 0;
  #bytes = 0;
  #lookingAgain: ReturnType<typeof setTimeout> | undefined;

  constructor(
    { maxMessages = 1_000, maxBytes = 1_048_576, overflow = "newest" }: QueueOptions = {},
    transport: Transport<Message>,
  ) {
    this.#bounds = { maxMessages, maxBytes, overflow };
    this.transport = transport;
  }

  /** The bytes of the queued messages within the bounds, text as UTF-8. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Sends a message, or queues it behind those that wait already. If the queue is full, one is
   * dropped.
   */
  send(message: Message): Delivery {
    const isWritable = this.transport.state() === "writable";
    const bytes = message.isKept ? undefined : bytesOf(message.message);
    // Frames that wait for others are sent early if the new message would exceed the bounds.
    if (isWritable && this.isTooMuch(bytes)) this.flush();
    const isFirst = isWritable && this.waiting.size === 0;
    const dropped = isFirst ? [] : this.#makeRoom(bytes);
    if (!dropped) return this.drop(message, "full");
    this.waiting.set(message, bytes);
    this.#count += bytes === undefined ? 0 : 1;
    this.#bytes += bytes ?? 0;
    this.onAdded(message, isFirst);
    // Last, because a listener may send another message.
    for (const oldest of dropped) this.drop(oldest, "full");
    return this.waiting.has(message) ? "held" : "sent";
  }

  /** Drops a message that is not in the queue. */
  drop(message: Message, reason: DropReason): "dropped" {
    this.transport.onDrop(message, reason);
    return "dropped";
  }

  /** Removes a message, if it is in the queue. No callback is called. */
  remove(message: Message): void {
    this.discount(message);
    this.waiting.delete(message);
  }

  /** Removes all messages and returns them in order, without a callback or a wait. */
  drain(): Message[] {
    clearTimeout(this.#lookingAgain);
    this.#lookingAgain = undefined;
    const messages = [...this.waiting.keys()];
    for (const message of messages) this.remove(message);
    return messages;
  }

  /** Sends the queued messages in order, while the transport is writable. */
  flush(): void {
    while (this.waiting.size > 0) {
      const state = this.transport.state();
      if (state === "congested") this.#lookAgain();
      if (state !== "writable") return;
      if (!this.sendNext()) return;
    }
  }

  /**
   * Called when a message has been queued.
   *
   * @param isFirst whether it is the only message, and can be sent now.
   */
  protected abstract onAdded(message: Message, isFirst: boolean): void;

  /** Sends the first queued message. Returns false if the message has to wait. */
  protected abstract sendNext(): boolean;

  /** Whether this many bytes would exceed the bounds; undefined is outside the bounds. */
  protected isTooMuch(bytes: number | undefined): boolean {
    if (bytes === undefined) return false;
    const { maxMessages, maxBytes } = this.#bounds;
    return this.#count + 1 > maxMessages || this.#bytes + bytes > maxBytes;
  }

  /** Moves a message outside the bounds. It keeps its place. */
  protected discount(message: Message): void {
    const bytes = this.waiting.get(message);
    if (bytes === undefined) return;
    this.#count -= 1;
    this.#bytes -= bytes;
    this.waiting.set(message, undefined);
  }

  /** Removes old messages to make room for a new one; undefined if the new one is to be dropped. */
  #makeRoom(bytes: number | undefined): Message[] | undefined {
    const leaving: Message[] = [];
    const { maxMessages, maxBytes, overflow } = this.#bounds;
    const mayDrop = overflow === "oldest" && maxMessages >= 1 && (bytes ?? 0) <= maxBytes;
    for (const [oldest, size] of this.waiting) {
      if (!mayDrop || !this.isTooMuch(bytes)) break;
      if (size === undefined) continue;
      this.remove(oldest);
      leaving.push(oldest);
    }
    return this.isTooMuch(bytes) ? undefined : leaving;
  }

  /**
   * Checks again later while the network is congested. The owner flushes the queue after a
   * reconnect or an end of the doubt.
   */
  #lookAgain(): void {
    this.#lookingAgain ??= setTimeout(() => {
      this.#lookingAgain = undefined;
      this.flush();
    }, LOOK_AGAIN_MS);
  }
}

/** The queue of a raw socket, which sends each message by itself. */
export class RawQueue extends MessageQueue<QueuedMessage> {
  protected override onAdded(): void {
    this.flush();
  }

  protected override sendNext(): boolean {
    const [first] = this.waiting.keys();
    if (!first) return false;
    this.remove(first);
    this.transport.send(first.message);
    return true;
  }
}

/** A socket's state, as far as it decides whether the socket can send. */
interface SocketState {
  readonly readyState: number;
  readonly bufferedAmount: number;
  /** Whether the connection may be dead. */
  readonly isInDoubt?: boolean;
}

/** Returns whether a socket can send. */
export function transportState(socket: SocketState): TransportState {
  if (socket.readyState !== OPEN) return "closed";
  if (socket.isInDoubt) return "doubtful";
  return socket.bufferedAmount > MAX_UNSENT_BYTES ? "congested" : "writable";
}

/** Returns the size in bytes, text as UTF-8. */
export function bytesOf(message: QueuedMessage["message"]): number {
  if (typeof message === "string") return utf8Length(message);
  return "size" in message ? message.size : message.byteLength;
}
