import type { Cost, Entrant } from "../entrant.ts";
import { putOf, putsQuery } from "./board.ts";

/** The one room of each contender. */
const ROOM = "room";

/** The room of each of so many connections. */
export function roomsOf(connections: number): string[] {
  return Array.from({ length: connections }, () => ROOM);
}

/** The board in a contender's room, and what happens to it. */
export class BoardRoom {
  readonly entrant: Entrant;
  readonly #entries: number;
  /** Changes so far. None is like the one before of the same shape. */
  #puts = 0;

  constructor(entrant: Entrant, entries: number) {
    this.entrant = entrant;
    this.#entries = entries;
  }

  /** Starts a room whose board has so many shapes. */
  static async filled(entrant: Entrant, entries: number): Promise<BoardRoom> {
    const room = new BoardRoom(entrant, entries);
    await room.putAtOnce(entries);
    return room;
  }

  /** The room's URL, without a scheme. */
  get address(): string {
    const { contender, server } = this.entrant;
    return `127.0.0.1:${server.port}${contender.route}/${ROOM}`;
  }

  /** Changes so many shapes by one request. */
  async putAtOnce(puts: number): Promise<void> {
    const query = putsQuery(puts, this.#puts, this.#entries);
    const response = await fetch(`http://${this.address}${query}`, { method: "POST" });
    if (!response.ok) throw new Error(`The board was not changed: ${response.status}`);
    this.#puts += puts;
  }

  /**
   * Has the first connection change one shape.
   *
   * @param connections how many there are. Each is sent the change.
   */
  put(connections: number): Promise<Cost> {
    return this.entrant.write({ from: [0], texts: this.texts(1), answers: connections });
  }

  /** The messages of a client that changes so many shapes. */
  texts(puts: number): string[] {
    const { contender } = this.entrant;
    return Array.from({ length: puts }, () => {
      const put = putOf(this.#puts, this.#entries);
      this.#puts += 1;
      return JSON.stringify(contender.isTyped ? ["put", put] : put);
    });
  }
}
