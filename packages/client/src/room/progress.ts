import {
  encodePosition,
  isPosition,
  type Position,
  type WireHistory,
} from "@partyflare/shared/internal";

/** The result of a reconnect to a room with durable events. */
export interface Recovery {
  /**
   * Whether all missed durable events follow. If not, the app may lack some: the client was away
   * for too long, or the room's storage was wiped or restored.
   */
  readonly recovered: boolean;
}

/** This client's position in the room's durable events. */
export class Progress {
  /** Counts how often the room could not continue from this client's position. */
  gaps = 0;
  /** The position that the previous page saved; undefined if that page was another client. */
  earlier: string | undefined;
  readonly #onChange: () => void;
  #position: Position | undefined;

  /** @param onChange called when the position changes. */
  constructor(onChange: () => void = () => {}) {
    this.#onChange = onChange;
  }

  /**
   * The position to send at the next attempt. Undefined for a new client, and for a position that
   * no room can read.
   */
  get position(): string | undefined {
    const position = this.#position ? encodePosition(this.#position) : this.earlier;
    return position !== undefined && isPosition(position) ? position : undefined;
  }

  /**
   * Handles the room's answer, which has the offset that its events follow. Undefined for a new
   * client.
   */
  begin({ epoch, offset, tag, recovered }: WireHistory): Recovery | undefined {
    const isBack = this.#position !== undefined || recovered !== undefined;
    if (!recovered || !this.#position) this.#move({ epoch, offset, tag });
    if (!isBack) return undefined;
    if (!recovered) this.gaps += 1;
    // A position that no room can read was not sent. The missed events are then lost.
    return { recovered: recovered ?? false };
  }

  /** Returns whether this client has not seen an event yet, and moves the position to it. */
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
