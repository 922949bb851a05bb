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

/** A frame or bytes to send, and what to call with what becomes of it. */
export interface QueuedFrame extends QueuedMessage {
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
 * The one queue of a room. Frames are joined with newlines where several can leave together, and
 * what is kept until it is answered has its place among them.
 */
export class SendQueue extends MessageQueue<QueuedFrame> {
  readonly #batchMs: number;
  /** What is kept and was sent on this connection: all of it before all that waits. */
  readonly #unanswered = new Set<QueuedFrame>();
  /** A timer, or 0 for the end of the task. */
  #window: ReturnType<typeof setTimeout> | 0 | undefined;

  /**
   * @param transport its `onDrop` is told of nothing that is volatile or kept.
   * @param batchMs how long a frame that may wait does so; 0 for the end of the task.
   * @throws RangeError where that is not 0 to 1,000.
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
    // What waits without a window waits for its turn.
    const isStuck = this.waiting.size > 0 && this.#window === undefined;
    const goesNow = !isStuck && this.transport.state() === "writable";
    if (frame.isVolatile && !goesNow) return "dropped";
    const delivery = super.send(frame);
    // What waits for the end of the task is as good as sent.
    return delivery === "held" && this.#window === 0 ? "sent" : delivery;
  }

  override drop(frame: QueuedFrame, reason: DropReason): "dropped" {
    frame.onDropped?.();
    return frame.isVolatile || frame.isKept ? "dropped" : super.drop(frame, reason);
  }

  /** Keeps a frame from now on, whether it is in the queue already or is to be sent. */
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

  /** The connection has ended: what is kept is sent again on the next one, in its place. */
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
    // Not behind a call whose turn has not come: it waits for more than a window.
    const mayOpen = isFirst || this.#window !== undefined;
    if (frame.mayWait && mayOpen && !isFull) this.#openWindow();
    else this.flush();
  }

  /** Sends the first that waits, and those that leave with it. */
  protected override sendNext(): boolean {
    this.#endWindow();
    const frames = this.#next();
    const [first] = frames;
    if (!first) return false;
    for (const frame of frames) {
      this.remove(frame);
      if (frame.isKept) this.#unanswered.add(frame);
    }
    // Several are text, all of them.
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
      // What is kept has another text each time.
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
