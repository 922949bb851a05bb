import { describe, expect, it } from "vitest";
import { checkTags } from "./tags";

describe("tags", () => {
  it("are given back without repeats, and can no longer be changed", () => {
    const tags = checkTags(["blue", "tall", "blue"]);
    expect(tags).toEqual(["blue", "tall"]);
    expect(Object.isFrozen(tags)).toBe(true);
  });

  it("are at most 10, not counting repeats", () => {
    const ten = Array.from({ length: 10 }, (_, index) => `${index}`);
    expect(checkTags([...ten, "0"])).toEqual(ten);
    expect(() => checkTags([...ten, "10"])).toThrow("A connection has at most 10 tags, not 11.");
  });

  it("have 1 to 256 characters", () => {
    expect(checkTags(["x".repeat(256)])).toHaveLength(1);
    expect(() => checkTags(["x".repeat(257)])).toThrow(RangeError);
    expect(() => checkTags([""])).toThrow(RangeError);
  });

  it("are an array of strings", () => {
    expect(() => checkTags("blue" as unknown as string[])).toThrow(TypeError);
    expect(() => checkTags([1] as unknown as string[])).toThrow(TypeError);
    expect(() => checkTags(undefined as unknown as string[])).toThrow(TypeError);
  });
});
