import * as fc from "fast-check";
import type { HookScript, Step } from "../worker/hooks-contract.ts";

/** Two tabs of one client, and two of another: one of those has an id of the first one's. */
export const TABS = [
  { who: "ada", id: "a" },
  { who: "ada", id: "b" },
  { who: "ben", id: "a" },
  { who: "ben", id: "c" },
] as const;

/** What a tab does next. `tab` is an index into `TABS`. */
export type Action =
  | { kind: "open" | "reload"; tab: number; script: HookScript }
  /** `isLast`: it closes its own connection, and more frames follow in the same message. */
  | { kind: "act"; tab: number; steps: readonly Step[]; isLast: boolean }
  /** Sends what no room understands. */
  | { kind: "nonsense" | "drop"; tab: number };

const id = fc.constantFrom(...new Set(TABS.map((tab) => tab.id)));
const tag = fc.constantFrom("red" as const, "green" as const);

const harmless: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant("emit" as const) }),
  fc.record({ do: fc.constant("emitTo" as const), id }),
  fc.record({ do: fc.constant("emitTagged" as const), tag }),
  fc.record({ do: fc.constant("retag" as const), id, tag }),
  fc.record({ do: fc.constant("rollBackPlatform" as const) }),
);

const closing: fc.Arbitrary<Step> = fc.record({
  do: fc.constantFrom(
    "close" as const,
    "farewell" as const,
    "expire" as const,
    "rollBack" as const,
  ),
  id,
});

const thrown: Step[] = [{ do: "throw" }];

/** A call that throws is made again where its reply is lost: it must not be the cause of that. */
const steps: fc.Arbitrary<readonly Step[]> = fc.oneof(
  { weight: 4, arbitrary: fc.array(fc.oneof(harmless, closing), { minLength: 1, maxLength: 4 }) },
  {
    weight: 1,
    arbitrary: fc.array(harmless, { maxLength: 3 }).map((some) => [...some, ...thrown]),
  },
);

const script: fc.Arbitrary<HookScript> = fc.record({
  onConnect: fc.array(fc.oneof({ weight: 4, arbitrary: harmless }, closing), { maxLength: 2 }),
  onClose: steps,
  onInvalid: steps,
});

const tab = fc.nat(TABS.length - 1);

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("open" as const), tab, script }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("reload" as const), tab, script }) },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant("act" as const), tab, steps, isLast: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("nonsense" as const), tab }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("drop" as const), tab }) },
);

/** What the tabs of one room do in each of its lives. The same for the same seed. */
export function misbehaviourOf(seed: number, lives: number): readonly (readonly Action[])[] {
  const life = fc.array(action, { minLength: 8, maxLength: 20, size: "max" });
  const all = fc.array(life, { minLength: lives, maxLength: lives });
  const [actions] = fc.sample(fc.noBias(all), { seed, numRuns: 1 });
  if (!actions) throw new Error("fast-check has made nothing.");
  return actions;
}
