/** A board of shapes: the value of rooms that share one. */
export interface Board {
  /** A note for each team. */
  readonly notes: Readonly<Record<string, string>>;
  readonly shapes: Record<string, Shape>;
}

/** An entry of the board. */
export interface Shape {
  readonly x: number;
  readonly y: number;
  readonly colour: string;
}

/** A change of one entry, as a client sends it and a hand-written room passes it on. */
export interface Put {
  readonly id: string;
  readonly shape: Shape;
}

/** The notes of ten teams. */
export const NOTES: Board["notes"] = Object.fromEntries(
  Array.from({ length: 10 }, (_, team) => [teamOf(team), `The plan of team ${team}.`]),
);

/** The name of a team, which is the tag of its connections. */
export function teamOf(index: number): string {
  return `team-${index % 10}`;
}

/**
 * Returns the n-th change of a board. Neighbours in time are far apart in the record.
 *
 * @param entries how many shapes there are.
 */
export function putOf(n: number, entries: number): Put {
  const colour = n % 2 === 0 ? "red" : "blue";
  // A prime, so that each shape has its turn before one comes again.
  return { id: `s${(n * 7_919) % entries}`, shape: { x: n % 1_920, y: n % 1_080, colour } };
}

/**
 * Returns the changes that `POST ?puts=10&from=0&of=10000` asks for: 10 of a board with 10,000
 * shapes, from change 0 on.
 */
export function putsAskedFor({ url }: { readonly url: string }): Put[] {
  const { searchParams } = new URL(url);
  const [puts = 0, from = 0, entries = 0] = ["puts", "from", "of"].map((name) =>
    Number(searchParams.get(name)),
  );
  return Array.from({ length: puts }, (_, index) => putOf(from + index, entries));
}

/** The path and query of such a request. */
export function putsQuery(puts: number, from: number, entries: number): string {
  return `?puts=${puts}&from=${from}&of=${entries}`;
}
