import { describe, expect, it, vi } from "vitest";
import { identityOf, randomId } from "./identity";

describe("an identity", () => {
  it("is random where none is given, on pages without HTTPS too", () => {
    vi.spyOn(crypto, "randomUUID").mockImplementation(() => {
      throw new Error("not on this page");
    });
    expect(randomId()).not.toBe(randomId());
    expect(identityOf({}).id).toMatch(/^[\w-]{22}$/);
    expect(identityOf({}).key).toMatch(/^[\w-]{22}$/);
    vi.restoreAllMocks();
  });

  it("is what it was told to be", () => {
    expect(identityOf({ id: "ada", key: "abc_-1" })).toEqual({ id: "ada", key: "abc_-1" });
  });

  it.each(["", "a b", "é", "a\n", "x".repeat(129)])("is refused for the id %j", (id) => {
    expect(() => identityOf({ id })).toThrow("option `id`");
  });

  it.each(["", "a b", "a,b", "=="])("is refused for the key %j", (key) => {
    expect(() => identityOf({ key })).toThrow("option `key`");
  });
});
