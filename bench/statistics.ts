/** The value in the middle; NaN of nothing. */
export function median(values: readonly number[]): number {
  return percentile(values, 0.5, Number.NaN);
}

/**
 * The value that a share of the values does not exceed.
 *
 * @param share from 0 to 1: 0.99 for the 99th percentile.
 * @param ofNothing the result where there are no values. Default 0.
 */
export function percentile(values: readonly number[], share: number, ofNothing = 0): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const [low, high] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  if (low === undefined || high === undefined) return ofNothing;
  return low + (high - low) * (at - Math.floor(at));
}

/**
 * How far the values lie apart: half the distance of the quartiles, as a share of the median.
 * One bad round of a shared machine does not show in it.
 */
export function spread(values: readonly number[]): number {
  return (percentile(values, 0.75) - percentile(values, 0.25)) / 2 / median(values);
}
