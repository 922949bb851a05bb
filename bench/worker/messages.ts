/**
 * What rooms without a contract are asked to do, by the first letter of a message:
 *
 * - `say…` goes to everyone, `move…` to everyone but its sender, `echo…` back.
 * - `ids n of m` and `tags n of m`: looks up n ids or tags of m there are, and answers how many
 *   connections were found. `names n of m` does all of that but the looking up.
 * - `{…}` is a call, `[…]` a point: it is read as JSON, and that is all.
 *
 * The same switch stands in every one of them, so that it weighs on all alike.
 */

/** A call, as one would write it by hand. */
interface Call {
  readonly id: number;
  readonly name: string;
  readonly input: { readonly a: number; readonly b: number };
}

/** Reads a call, does it, and gives the reply. */
export function answerOf(message: string): string {
  const { id, name, input } = JSON.parse(message) as Call;
  if (name !== "add") return JSON.stringify({ id, error: "unknown call" });
  return JSON.stringify({ id, output: { sum: input.a + input.b } });
}

/** The ids that `ids 20 of 9500` asks for: 20, spread over 9,500 connections. */
export function idsAskedFor(message: string): string[] {
  const [, times, , connections] = message.split(" ");
  return spread(Number(times), Number(connections)).map((index) => `c${index}`);
}

/** The tags that `tags 20 of 100` asks for: 20, spread over 100 tables. */
export function tagsAskedFor(message: string): string[] {
  const [, times, , tables] = message.split(" ");
  return spread(Number(times), Number(tables)).map((index) => `table-${index}`);
}

/** What it costs to know what to look up. */
export function namesAskedFor(message: string): number {
  return idsAskedFor(message).length;
}

/** A prime, so that all are reached before any comes again. */
const STRIDE = 7_919;

function spread(times: number, size: number): number[] {
  return Array.from({ length: times }, (_, index) => (index * STRIDE) % size);
}
