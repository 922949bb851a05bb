import * as fc from "fast-check";
import { type Person, type Shared, type Team, TEAMS } from "../worker/presence-contract.ts";
import type { TabAction } from "./presence-messages.ts";
import { phasesOf, type RoomStep, roomSteps } from "./room-steps.ts";

/** The tabs of one room: two of one person, and two of others. */
export const TABS = [
  { name: "ada-1", user: "ada" },
  { name: "ada-2", user: "ada" },
  { name: "bob", user: "bob" },
  { name: "cyd", user: "cyd" },
] as const;

/** What happens to a room and its tabs, one after the other. */
export type PresenceStep = RoomStep<TabAction>;

/** The longest pause between two steps, in ms. The windows of both sides are 50 ms. */
const MAX_WAIT_MS = 120;

const tags = fc.uniqueArray(fc.constantFrom<Team>(...TEAMS), { maxLength: 3 });

const person: fc.Arbitrary<Person> = fc.record({
  // Two of them are who the tabs are in the beginning. An empty one is no member.
  user: fc.constantFrom("ada", "bob", "dan", ""),
  name: fc.constantFrom("Robin", "Kim"),
  team: fc.constantFrom<Team>(...TEAMS),
});

const fields = fc.uniqueArray(fc.constantFrom<keyof Shared>("cursor", "isHidden", "note"), {
  minLength: 1,
});

const action: fc.Arbitrary<TabAction> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("open" as const), hasInitial: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("close" as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("reload" as const) }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("set" as const), fields }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("burst" as const),
      times: fc.integer({ min: 2, max: 30 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("nonsense" as const), isLarge: fc.boolean() }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("become" as const), person, tags }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("retag" as const), tags }) },
);

const step = fc.oneof(...roomSteps(action, { tabs: TABS.length, maxWaitMs: MAX_WAIT_MS }));

/** The steps of so many phases of one room. The same for the same seed, always. */
export function presenceStepsOf(seed: number, phases: number): (readonly PresenceStep[])[] {
  return phasesOf(step, seed, { phases, steps: { min: 8, max: 24 } });
}

/** Who is in each tab in the beginning. */
export function personOf(tab: number): { person: Person; tags: readonly Team[] } {
  const user = TABS[tab]?.user ?? "";
  const team = TEAMS[tab % TEAMS.length] ?? "red";
  return { person: { user, name: user, team }, tags: [...new Set([team, "red" as const])] };
}
