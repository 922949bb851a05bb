import { MAX_BATCH_LENGTH, MAX_BATCH_WINDOW_MS, MAX_FRAMES } from "@partyflare/shared/internal";
import {
  bytesOf,
  type Delivery,
  type DropReason,
  MessageQueue,
  type QueuedMessage,
  type Transport,
} from "../connection/message-queue";
import type { QueueOptions } from "../connection/options";

/** A frame or bytes to send, with callbacks for the outcome. */
export interface QueuedFrame extends QueuedMessage {
  /** Whether it may wait, to be sent together with other frames. */
  readonly mayWait?: boolean;
  /** Whether it is dropped without a notice if it cannot be sent now. */
  readonly isVolatile?: boolean;
  /**
   * Whether it keeps its place after it was sent, until it is removed. It is sent again on every
   * connection, and is outside the queue's bounds. `keep` sets this once it is queued.
   */
  isKept?: boolean;
  /** Called before it is sent. If it returns false, this frame and all frames behind it wait. */
  prepare?(): boolean;
  onSent?(): void;
  onDropped?(): void;
}

/**
 * The only queue of a room. It joins frames with newlines if they can be sent together. Frames that
 * are kept until they are answered have their place in it.
 */
export class SendQueue extends MessageQueue<QueuedFrame> {
  readonly #batchMs: number;
  /** Kept frames that were sent on this connection. They precede all waiting frames. */
  readonly #unanswered = new Set<QueuedFrame>();
  /** The batch window: a timer, or 0 for the end of the task. */
  #window: ReturnType<typeof setTimeout> | 0 | undefined;

  /**
   * @param transport its `onDrop` is not called for volatile or kept frames.
   * @param batchMs how long a frame may wait for others; 0 for the end of the task.
   * @throws RangeError if `batchMs` is not 0 to 1,000.
   */
  constructor(
    bounds: QueueOptions | undefined,
    transport: Transport<QueuedFrame>,
    batchMs: number,
  ) {
    super(bounds, transport);
    if (!(batchMs >= 0 && batchMs <= MAX_BATCH_WINDOW_MS)) {
      throw new RangeError(`batchMs is 0 to ${MAX_BATCH_WINDOW_MS}, not ${batchMs}.`);
    }
    this.#batchMs = batchMs;
  }

  override send(frame: QueuedFrame): Delivery {
    // Without a batch window, waiting frames cannot be sent yet.
    const isStuck = this.waiting.size > 0 && this.#window === undefined;
    const goesNow = !isStuck && this.transport.state() === "writable";
    if (frame.isVolatile && !goesNow) return "dropped";
    const delivery = super.send(frame);
    // A frame that waits only for the end of the task counts as sent.
    return delivery === "held" && this.#window === 0 ? "sent" : delivery;
  }

  override drop(frame: QueuedFrame, reason: DropReason): "dropped" {
    frame.onDropped?.();
    return frame.isVolatile || frame.isKept ? "dropped" : super.drop(frame, reason);
  }

  /** Keeps a frame from now on, whether it is queued or new. */
  keep(frame: QueuedFrame): void {
    this.discount(frame);
    frame.isKept = true;
  }

  override remove(frame: QueuedFrame): void {
    this.#unanswered.delete(frame);
    super.remove(frame);
  }

  override drain(): QueuedFrame[] {
    this.#endWindow();
    const unanswered = [...this.#unanswered];
    this.#unanswered.clear();
    return [...unanswered, ...super.drain()];
  }

  /**
   * Handles an ended connection. Kept frames return to their places, to be sent again on the next
   * one.
   */
  disconnect(): void {
    const waiting = [...this.waiting];
    this.waiting.clear();
    for (const frame of this.#unanswered) this.waiting.set(frame, undefined);
    this.#unanswered.clear();
    for (const [frame, bytes] of waiting) this.waiting.set(frame, bytes);
    for (const [frame] of waiting) if (frame.isVolatile) this.remove(frame);
  }

  protected override onAdded(frame: QueuedFrame, isFirst: boolean): void {
    const isFull = this.isTooMuch(0) || this.bytes >= MAX_BATCH_LENGTH;
    // A call that has to wait for another one blocks the queue for longer than a batch window.
    const mayOpen = isFirst || this.#window !== undefined;
    if (frame.mayWait && mayOpen && !isFull) this.#openWindow();
    else this.flush();
  }

  /** Sends the first waiting frame, and those that can be sent with it. */
  protected override sendNext(): boolean {
    this.#endWindow();
    const frames = this.#next();
    const [first] = frames;
    if (!first) return false;
    for (const frame of frames) {
      this.remove(frame);
      if (frame.isKept) this.#unanswered.add(frame);
    }
    // If there are several frames, all are text.
    const texts = frames.map(({ message }) => message as string);
    this.transport.send(frames.length > 1 ? texts.join("\n") : first.message);
    for (const frame of frames) frame.onSent?.();
    return true;
  }

  #next(): QueuedFrame[] {
    const taken: QueuedFrame[] = [];
    let bytes = 0;
    for (const [frame, size] of this.waiting) {
      if (frame.prepare?.() === false) return taken;
      // A kept frame has a different text each time.
      bytes += (size ?? bytesOf(frame.message)) + 1;
      const isText = typeof frame.message === "string";
      const isFull = bytes > MAX_BATCH_LENGTH || taken.length === MAX_FRAMES;
      if (taken.length > 0 && (!isText || isFull)) return taken;
      taken.push(frame);
      if (!isText) return taken;
    }
    return taken;
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
}
