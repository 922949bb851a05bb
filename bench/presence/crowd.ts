import type { Entrant } from "../entrant.ts";
import { untilQuiet } from "../until-quiet.ts";

/** The one room of all. */
const ROOM = "room";

/** The room of each of so many people. */
export function roomsOf(people: number): string[] {
  return Array.from({ length: people }, () => ROOM);
}

/** What somebody shares, as a frame. */
export function shareText(set: object, n: number): string {
  return JSON.stringify(["$presence", { set, n }]);
}

/** Everyone shares something for the first time, and everyone is told. */
export async function shareAll(entrant: Entrant, people: number): Promise<void> {
  const texts = [shareText({ cursor: null, typing: false }, 0)];
  const from = Array.from({ length: people }, (_, index) => index);
  await entrant.exchange({ from, texts, answers: people });
  await untilQuiet(entrant);
}
