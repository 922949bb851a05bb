import { percentile } from "../statistics.ts";

/** Between which the middle half of the values lies. */
export function middleHalf(values: readonly number[]): [lower: number, upper: number] {
  return [percentile(values, 0.25), percentile(values, 0.75)];
}
