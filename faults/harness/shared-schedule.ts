import * as fc from "fast-check";
import { type Team, TEAMS } from "../worker/presence-contract.ts";
import { BULK, type Edit, type Ending, SHAPE_COUNT } from "../worker/shared-edits.ts";
import type { Who } from "../worker/shared-report.ts";
import { phasesOf, type RoomStep, roomSteps } from "./room-steps.ts";
import type { BoardAction } from "./shared-messages.ts";

/** The tabs of one room. */
export const BOARD_TABS = ["ada-1", "ada-2", "bob", "cyd"] as const;

/** What happens to a room and its tabs, one after the other. */
export type BoardStep =
  | RoomStep<BoardAction>
  /** `deleteAll()`, and the room stays in memory. */
  | { readonly kind: "wipe" }
  /** The room sleeps or is reset, and wakes on the second build of the Worker. */
  | { readonly kind: "deploy" };

/** The longest pause between two steps, in ms. The window of changes is 50 ms at most. */
const MAX_WAIT_MS = 100;

const USERS = ["ada", "bob", "cyd"] as const;

/** Names that are special somewhere. */
const KEYS = ["ada", "bob", "", "constructor", "length", "0", "a/b", "__proto"] as const;

/** Of positions in lists, which are short. */
const at = fc.nat({ max: 9 });
const key = fc.constantFrom(...KEYS);

function only<Kind extends Edit["do"]>(kind: Kind) {
  return { do: fc.constant(kind) };
}

const edit: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom("vote", "weigh"), key }) },
  { weight: 3, arbitrary: fc.record({ ...only("unvote"), key }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom("insert", "remove", "amend"), at }) },
  { weight: 3, arbitrary: fc.record({ ...only("move"), from: at, to: at }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom("count", "clear", "reverse", "shuffle", "title"),
    }),
  },
  { weight: 1, arbitrary: fc.record(only("thin")) },
  {
    weight: 1,
    arbitrary: fc.record({ ...only("replace"), keys: fc.uniqueArray(key, { maxLength: 4 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ ...only("free"), shape: fc.nat({ max: SHAPE_COUNT - 1 }) }),
  },
  { weight: 2, arbitrary: fc.record({ ...only("deal"), to: fc.constantFrom(...USERS) }) },
  { weight: 2, arbitrary: fc.record({ ...only("brief"), team: fc.constantFrom(...TEAMS) }) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.nat({ max: BULK }), fc.integer({ min: 1, max: 5 }))
      .map(([from, length]): Edit => ({ do: "fill", from, to: from + length })),
  },
);

const ending: fc.Arbitrary<Ending> = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Ending>("kept") },
  {
    weight: 2,
    arbitrary: fc.constantFrom<Ending>("invalid", "tooLarge", "notJson", "proto", "undone"),
  },
);

const who: fc.Arbitrary<Who> = fc.record({
  user: fc.constantFrom(...USERS),
  tags: fc.uniqueArray(fc.constantFrom<Team>(...TEAMS), { maxLength: 2 }),
});

const action: fc.Arbitrary<BoardAction> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant("change" as const),
      by: fc.constantFrom("event", "call", "once"),
      edits: fc.array(edit, { minLength: 0, maxLength: 5 }),
      ending,
      isSplit: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("count" as const),
      times: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("guess" as const), key, ending }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("become" as const), who }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("open" as const), hasInitial: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("close" as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("reload" as const) }) },
);

const step: fc.Arbitrary<BoardStep> = fc.oneof(
  ...roomSteps(action, { tabs: BOARD_TABS.length, maxWaitMs: MAX_WAIT_MS }),
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("wipe" as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("deploy" as const) }) },
);

/** The steps of so many phases of one room. The same for the same seed, always. */
export function boardStepsOf(seed: number, phases: number): (readonly BoardStep[])[] {
  return phasesOf(step, seed, { phases, steps: { min: 12, max: 36 } });
}

/** Who is in each tab in the beginning. */
export function whoIn(tab: number): Who {
  return {
    user: BOARD_TABS[tab]?.split("-")[0] ?? "",
    tags: TEAMS.slice(tab % TEAMS.length, (tab % TEAMS.length) + 1),
  };
}
