import { expect, it } from "vitest";
import { randomTag } from "./random-tag";

it("a tag has 8 characters of base64url, and is another each time", () => {
  const tags = Array.from({ length: 1_000 }, randomTag);
  for (const tag of tags) expect(tag).toMatch(/^[\w-]{8}$/);
  expect(new Set(tags).size).toBe(tags.length);
});

it("tags have every character as often as any other", () => {
  const counts = new Map<string, number>();
  for (const character of Array.from({ length: 8_000 }, randomTag).join("")) {
    counts.set(character, (counts.get(character) ?? 0) + 1);
  }
  expect(counts.size).toBe(64);
  // 1,000 of each are expected: six standard deviations are 188.
  for (const count of counts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(188);
});
