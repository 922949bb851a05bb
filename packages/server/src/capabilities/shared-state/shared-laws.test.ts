import fc from "fast-check";
import { describe, it } from "vitest";
import { cases } from "../../../../../harness/scale";
import { withStorage } from "../../../test/fake-host";
import { type Rules, SharedLaws } from "../../../test/shared-laws";
import { schedules } from "../../../test/shared-schedules";

const RULES: [title: string, rules: Rules][] = [
  ["the defaults", {}],
  ["a schema that checks nothing", { isUnchecked: true }],
  ["persist false", { persist: false }],
  ["a view for each client", { view: "each" }],
  ["a view for each group", { view: "group" }],
  ["a view and persist false", { view: "group", persist: false }],
];

describe("every client's value, after any schedule", () => {
  it.each(RULES)("is what it may see of the room's value, with %s", async (_title, rules) => {
    await fc.assert(
      fc.asyncProperty(schedules, (steps) =>
        withStorage(async (storage) => {
          const laws = new SharedLaws(storage, rules);
          await laws.run(steps);
          await laws.rest();
        }),
      ),
      { numRuns: cases(100), endOnFailure: true },
    );
  });
});
