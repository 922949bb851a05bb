import { eventually } from "@partyflare/harness/wait";
import type { ClientRecord } from "./client-messages.ts";
import type { Clients } from "./clients.ts";
import { mistakesOf } from "./model.ts";
import type { PartyName, Workerd } from "./workerd.ts";

/** A room to be checked, and who ever spoke to it. */
export interface RoomCheck {
  party: PartyName;
  room: string;
  /** How long that may take, in ms. */
  withinMs: number;
  /** Of its clients. */
  names: string[];
  /** What is known of others, which have closed for good. */
  strangers?: ClientRecord[];
}

/**
 * Waits until a room and its clients agree, and throws if they never do.
 *
 * @returns what the clients know, in the order of their names.
 */
export async function checkRoom(
  { workerd, clients }: { workerd: Workerd; clients: Clients },
  { party, room, withinMs, names, strangers = [] }: RoomCheck,
): Promise<ClientRecord[]> {
  return eventually(`room "${room}" agrees with its clients`, withinMs, async () => {
    const report = await workerd.report(party, room);
    const records = await clients.records(names);
    const gone = strangers.map((record) => ({ ...record, status: { state: "closed" as const } }));
    const mistakes = mistakesOf(report, [...records, ...gone]);
    if (mistakes.length > 0) throw new Error(mistakes.join("; "));
    return records;
  });
}

/** Throws where something does not hold. */
export function check(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Error(otherwise);
}

/** The sum of a number that each item has. */
export function sumOf<Item>(items: readonly Item[], number: (item: Item) => number): number {
  return items.reduce((sum, item) => sum + number(item), 0);
}
