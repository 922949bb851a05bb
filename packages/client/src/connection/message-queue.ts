import type { SendableMessage } from "@partyflare/shared";
import { utf8Length } from "@partyflare/shared/internal";
import { OPEN } from "./attempt";
import type { QueueOptions } from "./options";

/**
 * What may wait in the platform's own buffer, in bytes, before more is queued here. That buffer has
 * no bound, and nothing can be taken back from it.
 */
export const MAX_UNSENT_BYTES = 1_024 * 1_024;

/** How often it is looked at whether that buffer has emptied. No platform tells. */
const LOOK_AGAIN_MS = 50;

/**
 * What became of something that was to be sent: handed to the network, held in the queue until it
 * can be, or given up.
 */
export type Delivery = "sent" | "held" | "dropped";

/** Why something was given up: the queue is full, or there is no connection and will be none. */
export type DropReason = "full" | "closed";

/** Something to send. */
export interface QueuedMessage {
  message: SendableMessage | Blob;
  /** Whether it is outside of the queue's bounds. */
  isKept?: boolean;
}

/**
 * Whether something can be sent now (`writable`), soon (`congested`), not before it is known
 * whether the connection is alive (`doubtful`), or on the next connection (`closed`).
 */
export type TransportState = "writable" | "congested" | "doubtful" | "closed";

/** What sends messages. */
export interface Transport<Message extends QueuedMessage> {
  state(): TransportState;
  send(message: QueuedMessage["message"]): void;
  /** Called with each message that is given up, and was not taken back. */
  onDrop(message: Message, reason: DropReason): void;
}

/**
 * The one queue of a connection: everything is sent in the order in which it was given, whether it
 * can be sent at once or waits, in bounds, until the transport is writable.
 */
export class MessageQueue<Message extends QueuedMessage = QueuedMessage> {
  protected readonly transport: Transport<Message>;
  /** What is not sent, with the bytes of each; undefined for what is outside of the bounds. */
  protected readonly waiting = new Map<Message, number | undefined>();
  readonly #bounds: Required<QueueOptions>;
  /** Of what waits within the bounds. */
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

  /** The bytes of what waits within the bounds, text as UTF-8. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Sends a message, or queues it behind those that wait already. Where that is one too many, one is
   * dropped.
   */
  send(message: Message): Delivery {
    const isWritable = this.transport.state() === "writable";
    const bytes = message.isKept ? undefined : bytesOf(message.message);
    // What waits for others leaves early where more would be too much.
    if (isWritable && this.isTooMuch(bytes)) this.flush();
    const isFirst = isWritable && this.waiting.size === 0;
    const dropped = isFirst ? [] : this.#makeRoom(bytes);
    if (!dropped) return this.drop(message, "full");
    this.waiting.set(message, bytes);
    this.#count += bytes === undefined ? 0 : 1;
    this.#bytes += bytes ?? 0;
    this.onAdded(message, isFirst);
    // Last, since a listener may send something else.
    for (const oldest of dropped) this.drop(oldest, "full");
    return this.waiting.has(message) ? "held" : "sent";
  }

  /** Gives up a message that is not in the queue. */
  drop(message: Message, reason: DropReason): "dropped" {
    this.transport.onDrop(message, reason);
    return "dropped";
  }

  /** Takes a message out, if it is in the queue. Nothing is called. */
  remove(message: Message): void {
    this.discount(message);
    this.waiting.delete(message);
  }

  /** Takes everything out, in order. Nothing is called, and nothing is waited for. */
  drain(): Message[] {
    clearTimeout(this.#lookingAgain);
    this.#lookingAgain = undefined;
    const messages = [...this.waiting.keys()];
    for (const message of messages) this.remove(message);
    return messages;
  }

  /** Sends what waits, in order, for as long as the transport is writable. */
  flush(): void {
    while (this.waiting.size > 0) {
      const state = this.transport.state();
      if (state === "congested") this.#lookAgain();
      if (state !== "writable") return;
      if (!this.sendNext()) return;
    }
  }

  /**
   * A message is in the queue.
   *
   * @param isFirst whether it is the only one, and could be sent.
   */
  protected onAdded(_message: Message, _isFirst: boolean): void {
    this.flush();
  }

  /** Sends the first that waits. False if its turn has not come. */
  protected sendNext(): boolean {
    const [first] = this.waiting.keys();
    if (!first) return false;
    this.remove(first);
    this.transport.send(first.message);
    return true;
  }

  /** Whether so many bytes would be too much; undefined is outside of the bounds. */
  protected isTooMuch(bytes: number | undefined): boolean {
    if (bytes === undefined) return false;
    const { maxMessages, maxBytes } = this.#bounds;
    return this.#count + 1 > maxMessages || this.#bytes + bytes > maxBytes;
  }

  /** Takes a message out of the bounds. It keeps its place. */
  protected discount(message: Message): void {
    const bytes = this.waiting.get(message);
    if (bytes === undefined) return;
    this.#count -= 1;
    this.#bytes -= bytes;
    this.waiting.set(message, undefined);
  }

  /** Takes out what has to go for a newcomer; undefined where the newcomer has to. */
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

  /** Where the network takes no more. A connection that opens or is trusted again is flushed by its owner. */
  #lookAgain(): void {
    this.#lookingAgain ??= setTimeout(() => {
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

/** Text as UTF-8. */
export function bytesOf(message: QueuedMessage["message"]): number {
  if (typeof message === "string") return utf8Length(message);
  return "size" in message ? message.size : message.byteLength;
}
