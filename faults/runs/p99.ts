/** What 99 of 100 stay below, with two digits after the point; 0 of nothing. */
export function p99(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const at = Math.min(sorted.length - 1, Math.floor(sorted.length * 0.99));
  return Number((sorted[at] ?? 0).toFixed(2));
}
