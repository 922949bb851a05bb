import type { PartyName, Workerd } from "./workerd.ts";

/** A room that can be put to sleep and reset on command. */
export interface RoomPlace {
  readonly party: PartyName;
  readonly room: string;
}

/** How long a room may take to fall asleep, in ms: its timers fire first. */
const ASLEEP_WITHIN_MS = 1_000;

/** The parties of such rooms that hibernate. */
const HIBERNATING: readonly PartyName[] = ["crowd", "board"];

/** What a room knows. Asked past every proxy. */
export async function reportOf<Report>(workerd: Workerd, place: RoomPlace): Promise<Report> {
  const response = await fetch(workerd.roomUrl(place.party, place.room));
  if (!response.ok) throw new Error(`The report was answered with ${response.status}.`);
  return (await response.json()) as Report;
}

/**
 * Has a room hibernate, if it is one that does and is awake. It does not as long as a client is gone
 * that has asked for a connection.
 *
 * @throws DOMException `TimeoutError` then.
 */
export async function putToSleep(workerd: Workerd, { party, room }: RoomPlace): Promise<void> {
  if (!HIBERNATING.includes(party)) return;
  const signal = AbortSignal.timeout(ASLEEP_WITHIN_MS);
  const url = `http://${workerd.host}/?sleep=${room}&party=${party}`;
  await (await fetch(url, { signal })).arrayBuffer();
}

/** Ends a life of a room. Its connections end with it. */
export async function reset(workerd: Workerd, place: RoomPlace): Promise<void> {
  await command(workerd, place, "reset");
}

/** Has a room do something that its `POST` knows. */
export async function command(
  workerd: Workerd,
  { party, room }: RoomPlace,
  what: string,
): Promise<void> {
  const response = await fetch(`${workerd.roomUrl(party, room)}?${what}`, { method: "POST" });
  await response.arrayBuffer();
}
