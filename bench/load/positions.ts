/** What stands before a position in every contender's messages. */
const BEFORE = Buffer.from('"x":');

/** A position has so many digits. The first is 1, two tell whose it is, three which one. */
const DIGITS = 6;
const PEOPLE_FROM = 100_000;
const MOVES = 1_000;

const BYTES = BEFORE.length + DIGITS;

/** Where somebody is after so many moves, as a number that tells both. */
export function positionOf(person: number, move: number): number {
  return PEOPLE_FROM + person * MOVES + move;
}

/** Reads the positions in a connection's bytes: how many, and where each person was last. */
export class Positions {
  /** How many have come. */
  count = 0;
  readonly #last = new Map<number, number>();
  /** The end of the bytes before: a position may begin there. */
  #rest = Buffer.alloc(0);

  /** The latest move of a person that has come; undefined without any. */
  lastOf(person: number): number | undefined {
    return this.#last.get(person);
  }

  take(bytes: Buffer): void {
    const all = this.#rest.length > 0 ? Buffer.concat([this.#rest, bytes]) : bytes;
    let next = 0;
    for (;;) {
      const at = all.indexOf(BEFORE, next);
      if (at < 0 || at + BYTES > all.length) break;
      next = at + BYTES;
      this.#see(Number(all.toString("latin1", at + BEFORE.length, next)));
    }
    // A copy: the bytes are written over.
    this.#rest = Buffer.from(all.subarray(Math.max(next, all.length - BYTES + 1)));
  }

  #see(position: number): void {
    this.count += 1;
    const person = Math.floor((position - PEOPLE_FROM) / MOVES);
    this.#last.set(person, position % MOVES);
  }
}
