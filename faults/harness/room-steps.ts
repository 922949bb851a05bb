import * as fc from "fast-check";

/** What happens to a room and its tabs, whatever the room is. */
export type RoomStep<Action> =
  | { readonly kind: "act"; readonly tab: number; readonly action: Action }
  | { readonly kind: "wait"; readonly ms: number }
  /** The room hibernates, if it is one that does. */
  | { readonly kind: "sleep" }
  /** The room's life ends with `ctx.abort`. */
  | { readonly kind: "reset" };

/** Such steps, and how often each comes, for `fc.oneof`. */
export function roomSteps<Action>(
  action: fc.Arbitrary<Action>,
  { tabs, maxWaitMs }: { readonly tabs: number; readonly maxWaitMs: number },
): fc.WeightedArbitrary<RoomStep<Action>>[] {
  const kind = <Kind extends string>(name: Kind) => fc.constant(name);
  const tab = fc.nat({ max: tabs - 1 });
  const ms = fc.integer({ min: 0, max: maxWaitMs });
  return [
    { weight: 24, arbitrary: fc.record({ kind: kind("act"), tab, action }) },
    { weight: 10, arbitrary: fc.record({ kind: kind("wait"), ms }) },
    { weight: 5, arbitrary: fc.record({ kind: kind("sleep") }) },
    { weight: 2, arbitrary: fc.record({ kind: kind("reset") }) },
  ];
}

/** The steps of so many phases of one room. The same for the same seed, always. */
export function phasesOf<Step>(
  step: fc.Arbitrary<Step>,
  seed: number,
  { phases, steps }: { readonly phases: number; readonly steps: { min: number; max: number } },
): (readonly Step[])[] {
  const ofPhase = fc.array(step, { minLength: steps.min, maxLength: steps.max });
  const all = fc.array(ofPhase, { minLength: phases, maxLength: phases });
  const [sampled = []] = fc.sample(fc.noBias(all), { seed, numRuns: 1 });
  return sampled;
}
