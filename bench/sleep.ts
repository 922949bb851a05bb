import type { Entrant } from "./entrant.ts";

/** workerd puts a room to sleep that has been idle for 10 s. */
export const ASLEEP_AFTER_MS = 11_500;

/**
 * Does the first thing after a sleep.
 *
 * @throws Error where the room had not slept.
 */
export async function awaken<Result>(
  { contender, server }: Entrant,
  work: () => Promise<Result>,
): Promise<Result> {
  const lives = await server.lives();
  const result = await work();
  if ((await server.lives()) === lives) throw new Error(`${contender.name} had not slept.`);
  return result;
}
