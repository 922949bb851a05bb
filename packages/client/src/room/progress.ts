import {
  encodePosition,
  type Example,
  like,
  type Position,
  type WireHistory,
} from "@partyflare/shared/internal";
import type { ClientCapability } from "./capability";

const HISTORY: Example<WireHistory> = { epoch: "", offset: 0, tag: "", "recovered?": true };

/** The result of a reconnect to a room with durable events. */
export interface Recovery {
  /**
   * Whether all missed durable events follow. If not, the app may lack some: the client was away
   * for too long, or the room's storage was wiped or restored.
   */
  readonly recovered: boolean;
}

/** The functions that are told of a client's progress. */
export interface ProgressListeners {
  /** Called when the position changes. */
  onChange(): void;
  /** Called after a reconnect, before the missed events arrive. */
  onRecovery(recovery: Recovery): void;
}

/**
 * This client's position in the room's durable events. Every room has this capability: the client
 * sends its position with each upgrade, and takes each event once.
 */
export class Progress implements ClientCapability {
  readonly name = "history";
  /** The position that the previous page saved; undefined if that page was another client. */
  earlier: string | undefined;
  readonly #listeners: ProgressListeners;
  #position: Position | undefined;

  constructor(listeners: ProgressListeners) {
    this.#listeners = listeners;
  }

  /** The position to send at the next attempt; undefined for a new client. */
  get position(): string | undefined {
    return this.#position ? encodePosition(this.#position) : this.earlier;
  }

  asks(): string {
    return this.position ?? "";
  }

  // Not `onHello`: if a status listener leaves the room, the next `$hello` reports the gap again.
  afterHello(payload: unknown): void {
    this.#begin(payload);
  }

  onFrame(payload: unknown): void {
    this.#begin(payload);
  }

  // The room has no durable events.
  onMissing(): void {}

  /** Returns whether this client has not seen an event yet, and moves the position to it. */
  takes(offset: number, tag: string): boolean {
    const { epoch = "", offset: seen = 0 } = this.#position ?? {};
    if (offset <= seen) return false;
    this.#move({ epoch, offset, tag });
    return true;
  }

  /** Handles the room's answer, which has the offset that its events follow. */
  #begin(payload: unknown): void {
    const { epoch, offset, tag, recovered } = like<WireHistory>(payload, HISTORY);
    const isBack = this.#position !== undefined || recovered !== undefined;
    if (!recovered || !this.#position) this.#move({ epoch, offset, tag });
    // A room without an answer to a position has not read it. The missed events are then lost.
    if (isBack) this.#listeners.onRecovery({ recovered: recovered ?? false });
  }

  #move(position: Position): void {
    this.#position = position;
    this.#listeners.onChange();
  }
}
