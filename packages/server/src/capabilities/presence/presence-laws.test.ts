import fc from "fast-check";
import { it } from "vitest";
import { cases } from "../../../../../harness/scale";
import { PresenceLaws, type Rules, schedules } from "../../../test/presence-laws";
import { describePresenceRooms } from "../../../test/rooms";

const RULES: [title: string, rules: Rules][] = [
  ["the defaults", {}],
  ["visible", { isFiltered: true }],
  ["maxListed 2", { maxListed: 2 }],
  ["visible and maxListed 2", { isFiltered: true, maxListed: 2 }],
  ["graceMs 0", { graceMs: 0 }],
  ["windowMs 0", { windowMs: 0 }],
  ["visible, graceMs 0 and windowMs 0", { isFiltered: true, graceMs: 0, windowMs: 0 }],
];

describePresenceRooms("every viewer's list, after any schedule", (open) => {
  it.each(RULES)("is the room's, with %s", async (_title, rules) => {
    await fc.assert(
      fc.asyncProperty(schedules, async (steps) => {
        const laws = new PresenceLaws(rules);
        const room = open(laws.script);
        await laws.run(room, steps);
        await laws.rest(room, 60_000);
      }),
      { numRuns: cases(16), endOnFailure: true },
    );
  });
});
