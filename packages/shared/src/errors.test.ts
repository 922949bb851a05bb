import { describe, expect, it } from "vitest";
import { type ErrorCode, ERRORS, isRetriedCloseCode, PartyError } from "./errors";

describe("a PartyError", () => {
  it("of the table has its message, close code and status from there", () => {
    const error = new PartyError("unauthorized");
    expect(error).toBeInstanceOf(Error);
    expect(error.message).toBe(ERRORS.unauthorized.message);
    expect([error.closeCode, error.status, error.retry]).toEqual([4401, 401, false]);
  });

  it("carries a message, data, a wait and a cause", () => {
    const cause = new Error("cause");
    const error = new PartyError("rate_limited", {
      message: "Slow down.",
      data: { left: 0 },
      retryAfterMs: 1_000,
      cause,
    });
    expect(error).toMatchObject({ message: "Slow down.", data: { left: 0 }, retryAfterMs: 1_000 });
    expect(error.cause).toBe(cause);
  });

  it("of an app's own code is final, unless it names a wait", () => {
    const banned = new PartyError("banned");
    expect([banned.message, banned.closeCode, banned.status, banned.retry]).toEqual([
      "banned",
      4403,
      403,
      false,
    ]);
    const later = new PartyError("maintenance", { retryAfterMs: 5_000 });
    expect([later.closeCode, later.status, later.retry]).toEqual([1013, 503, true]);
  });

  it("is not led astray by a code that every object has", () => {
    expect(new PartyError("constructor").message).toBe("constructor");
    expect(new PartyError("__proto__").closeCode).toBe(4403);
  });
});

describe("a close code", () => {
  it.each([1001, 1005, 1006, 1011, 1012, 1013, 4408, 4429, 4503])(
    "%i is come back from",
    (code) => {
      expect(isRetriedCloseCode(code)).toBe(true);
    },
  );

  it.each([
    1000, 1002, 1003, 1007, 1008, 1009, 3000, 4000, 4400, 4401, 4403, 4404, 4409, 4413, 4999,
  ])("%i is final", (code) => {
    expect(isRetriedCloseCode(code)).toBe(false);
  });

  it("says the same as its error", () => {
    for (const code of Object.keys(ERRORS) as ErrorCode[]) {
      const { closeCode, retry } = new PartyError(code);
      if ("closeCode" in ERRORS[code]) expect(isRetriedCloseCode(closeCode)).toBe(retry);
    }
  });
});
