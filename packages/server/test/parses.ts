import { onTestFinished, vi } from "vitest";

/**
 * Notes which texts are parsed as JSON from now on, wherever: a test and its rooms share one isolate.
 *
 * @param isWatched which texts are of interest.
 * @returns the texts so far, in order.
 */
export function watchParses(isWatched: (text: string) => boolean): readonly string[] {
  const parsed: string[] = [];
  const parse = JSON.parse.bind(JSON);
  const spy = vi.spyOn(JSON, "parse").mockImplementation((text: string, reviver) => {
    if (isWatched(text)) parsed.push(text);
    return parse(text, reviver) as unknown;
  });
  onTestFinished(() => spy.mockRestore());
  return parsed;
}
