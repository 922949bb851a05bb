import {
  encodePosition,
  isPosition,
  type Position,
  type WireHistory,
} from "@partyflare/shared/internal";

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
  /** Counts how often the room could not go on from where this client was. */
  gaps = 0;
  /** The position that the page before this one has left; undefined where it was another client. */
  earlier: string | undefined;
  readonly #onChange: () => void;
  #position: Position | undefined;

  /** @param onChange called whenever the position is another. */
  constructor(onChange: () => void = () => {}) {
    this.#onChange = onChange;
  }

  /**
   * What the room is told at the next attempt; undefined for a client that comes anew, and for a
   * position that no room can read.
   */
  get position(): string | undefined {
    const position = this.#position ? encodePosition(this.#position) : this.earlier;
    return position !== undefined && isPosition(position) ? position : undefined;
  }

  /** The room says after which place its events follow. Undefined for a client that comes anew. */
  begin({ epoch, offset, tag, recovered }: WireHistory): Recovery | undefined {
    const isBack = this.#position !== undefined || recovered !== undefined;
    if (!recovered || !this.#position) this.#move({ epoch, offset, tag });
    if (!isBack) return undefined;
    if (!recovered) this.gaps += 1;
    // A position that was not told, since no room can read it, is lost with all that was missed.
    return { recovered: recovered ?? false };
  }

  /** Whether an event is one that this client has not seen. */
  takes(offset: number, tag: string): boolean {
    const { epoch = "", offset: seen = 0 } = this.#position ?? {};
    if (offset <= seen) return false;
    this.#move({ epoch, offset, tag });
    return true;
  }

  #move(position: Position): void {
    this.#position = position;
    this.#onChange();
  }
}
