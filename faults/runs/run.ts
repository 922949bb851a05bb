import type { Library } from "../harness/bundle.ts";

/**
 * How much of everything: what a machine of two cores does in about three minutes, what is done by
 * hand, or as little as shows a fault that was planted.
 */
export type Scale = "ci" | "long" | "planted";

/** What a run is given. */
export interface RunContext {
  /** From which all chance of the run comes. */
  readonly seed: number;
  readonly scale: Scale;
  readonly library: Library;
}

/** What a run that did not throw has to tell. */
export interface RunResult {
  /** What was done how often, and what was measured, by names that say the unit. */
  readonly counts: Readonly<Record<string, number | string>>;
  /** Why the run could not be made here. */
  readonly skipped?: string;
}

/** Makes faults, and throws when anything is not as it should be afterwards. */
export type RunFunction = (context: RunContext) => Promise<RunResult>;

/**
 * How long the end of a run may take to settle, in ms. workerd learns of an end after its client. A
 * planted mistake may keep it from settling at all, so the run waits less for it.
 */
export function settledWithinMs({ scale, library }: Pick<RunContext, "library" | "scale">): number {
  const hasMistake = library !== "dist" && library.patches.length > 0;
  return scale === "planted" && hasMistake ? 5_000 : 60_000;
}
