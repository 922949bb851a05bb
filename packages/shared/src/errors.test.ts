import { describe, expect, it } from "vitest";
import { ERROR_TEXTS } from "./error-texts";
import {
  CLOSE_CODES,
  describeErrors,
  type ErrorCode,
  errorPage,
  invalidOption,
  isPartyError,
  isRetriedCloseCode,
  PartyError,
  partyErrorOf,
} from "./errors";

describe("a PartyError", () => {
  it("of the table has its close code and status from there", () => {
    const error = new PartyError("unauthorized");
    expect(error).toBeInstanceOf(Error);
    expect([error.closeCode, error.status, error.retry]).toEqual([4401, 401, false]);
  });

  it("has its code's words for a message, and its text where a room has described the codes", () => {
    expect(new PartyError("room_full").message).toBe("room full");
    describeErrors(ERROR_TEXTS);
    expect(new PartyError("room_full").message).toBe("The room is full.");
    expect(new PartyError("name_taken").message).toBe("name taken");
    expect(new Set(Object.keys(ERROR_TEXTS))).toEqual(new Set(Object.keys(CLOSE_CODES)));
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

describe("the page of a code", () => {
  it("is there for each code of the library, and for no other", () => {
    for (const code of Object.keys(CLOSE_CODES)) {
      expect(new URL(errorPage(code)).pathname).toBe(`/errors/${code}`);
    }
    expect(errorPage("name_taken")).toBe("");
    expect(errorPage("toString")).toBe("");
  });

  it("is named where an option is not valid", () => {
    expect(invalidOption("host").message).toBe(
      `The option \`host\` is not valid: ${errorPage("invalid")}`,
    );
  });
});

describe("a PartyError from elsewhere", () => {
  const fields = {
    code: "rate_limited",
    data: { left: 0 },
    issues: [{ path: ["text"], message: "Too long" }],
    retryAfterMs: 1_000,
  };
  /** As it arrives over RPC: its class is gone, its own properties are there. */
  const fromRpc = () =>
    Object.assign(new Error("Slow down."), { name: "PartyError", ...fields, remote: true });
  /** As a second copy of this package throws it; a bundler may have renamed its class. */
  const fromAnotherCopy = () =>
    Object.assign(new Error("Slow down."), {
      [Symbol.for("partyflare.PartyError")]: true,
      ...fields,
    });

  it.each([
    ["that crossed RPC", fromRpc],
    ["of a second copy of the package", fromAnotherCopy],
  ])("%s is recognised, and becomes one of ours", (_where, make) => {
    const foreign = make();
    expect(isPartyError(foreign)).toBe(true);
    const error = partyErrorOf(foreign);
    expect(error).toBeInstanceOf(PartyError);
    expect(error).toMatchObject({
      ...fields,
      message: "Slow down.",
      closeCode: 4429,
      status: 429,
      retry: true,
      cause: foreign,
    });
  });

  it("is itself where it is one of ours", () => {
    const error = new PartyError("forbidden");
    expect(isPartyError(error)).toBe(true);
    expect(partyErrorOf(error)).toBe(error);
  });

  it("keeps only what has the right form", () => {
    const error = partyErrorOf({
      name: "PartyError",
      code: "x",
      message: 7,
      retryAfterMs: "soon",
      issues: [
        "no issue",
        { path: "no path", message: "m" },
        { path: [1], message: "m", value: 1 },
      ],
    });
    expect(error).toMatchObject({ code: "x", message: "x", issues: [{ path: [1], message: "m" }] });
    expect(error?.issues).toHaveLength(1);
    expect(error?.issues?.[0]).not.toHaveProperty("value");
    expect(error?.retryAfterMs).toBeUndefined();
  });

  it.each([
    ["nothing", undefined],
    ["null", null],
    ["a text", "PartyError"],
    ["another error", new TypeError("no")],
    ["an error with a code", Object.assign(new Error("no"), { code: "ENOENT" })],
    ["a code that is no text", Object.assign(new Error("no"), { name: "PartyError", code: 4401 })],
    ["a brand without a code", { [Symbol.for("partyflare.PartyError")]: true }],
  ])("is not recognised in %s", (_what, value) => {
    expect(isPartyError(value)).toBe(false);
    expect(partyErrorOf(value)).toBeUndefined();
  });
});

describe("a close code", () => {
  it.each([1001, 1005, 1006, 1011, 1012, 1013, 1014, 1015, 4408, 4429, 4503])(
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
    for (const code of Object.keys(CLOSE_CODES) as ErrorCode[]) {
      const { closeCode, retry } = new PartyError(code);
      expect(isRetriedCloseCode(closeCode)).toBe(retry);
    }
  });
});
