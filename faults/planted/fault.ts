import type { Patch } from "../harness/bundle.ts";
import type { RunFunction } from "../runs/run.ts";

/** A mistake that the library could have, and what must come of it. */
export interface PlantedFault extends Patch {
  readonly name: string;
  /** What else has to be changed for it. */
  readonly also?: readonly Patch[];
  readonly run: RunFunction;
  /** What the run must say when it fails: that it failed is not enough. */
  readonly seenAs: RegExp;
}
