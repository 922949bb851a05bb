import { encodePosition, fingerprintOf, type WireHistory } from "@partyflare/shared";

/** How a client has come back to a room with durable events. */
export interface Recovery {
  /**
   * Whether all durable events that it missed follow. If not, it was away for too long, or the
   * room's storage was wiped or put back: what the app shows may lack some.
   */
  readonly recovered: boolean;
}

/** How far this client has come among the durable events of its room. */
export class Progress {
  readonly #onChange: () => void;
  #earlier: string | undefined;
  #epoch: string | undefined;
  #offset = 0;
  /** The last event as it came; undefined where none has come since the room said where to begin. */
  #frame: string | undefined;
  /** Of the event at that place, as the room said. */
  #fingerprint = "";

  /**
   * @param earlier the position that the page before this one has left.
   * @param onChange called whenever the position is another.
   */
  constructor(earlier?: string, onChange: () => void = () => {}) {
    this.#earlier = earlier;
    this.#onChange = onChange;
  }

  /** What the room is told at the next attempt; undefined for a client that comes anew. */
  get position(): string | undefined {
    if (this.#epoch === undefined) return this.#earlier;
    const fingerprint = this.#frame === undefined ? this.#fingerprint : fingerprintOf(this.#frame);
    return encodePosition({ epoch: this.#epoch, offset: this.#offset, fingerprint });
  }

  /** Forgets the page before this one: it was another client's. */
  startAnew(): void {
    this.#earlier = undefined;
  }

  /** The room says after which place its events follow. Undefined for a client that comes anew. */
  begin({ epoch, offset, fingerprint = "", recovered }: WireHistory): Recovery | undefined {
    if (!recovered || this.#epoch === undefined) {
      this.#epoch = epoch;
      this.#offset = offset;
      this.#frame = undefined;
      this.#fingerprint = fingerprint;
      this.#onChange();
    }
    return recovered === undefined ? undefined : { recovered };
  }

  /** Whether an event is one that this client has not seen. */
  takes(offset: number, frame: string): boolean {
    if (offset <= this.#offset) return false;
    this.#offset = offset;
    this.#frame = frame;
    this.#onChange();
    return true;
  }
}
