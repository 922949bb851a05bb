import { describe, expect, it } from "vitest";
import { decodeClientFrame } from "./codec";

describe("the operation of a call", () => {
  it.each([
    ["no object", [1, "e.0"]],
    ["no object", "1"],
    ["no page", { number: 1, oldest: 1, since: "e.0" }],
    ["an empty page", { page: "", number: 1, oldest: 1, since: "e.0" }],
    ["a long page", { page: "p".repeat(33), number: 1, oldest: 1, since: "e.0" }],
    ["a page of other characters", { page: "p p", number: 1, oldest: 1, since: "e.0" }],
    ["a page that goes on behind a newline", { page: "p\n", number: 1, oldest: 1, since: "e.0" }],
    ["the number 0", { page: "p", number: 0, oldest: 0, since: "e.0" }],
    ["half a number", { page: "p", number: 1.5, oldest: 1, since: "e.0" }],
    ["a number as text", { page: "p", number: "1", oldest: 1, since: "e.0" }],
    ["no oldest", { page: "p", number: 1, since: "e.0" }],
    ["an oldest that is newer", { page: "p", number: 1, oldest: 2, since: "e.0" }],
    ["an oldest of 0", { page: "p", number: 1, oldest: 0, since: "e.0" }],
    ["an oldest that is too old", { page: "p", number: 65, oldest: 1, since: "e.0" }],
    ["no since", { page: "p", number: 1, oldest: 1 }],
    ["a since that is long", { page: "p", number: 1, oldest: 1, since: "e".repeat(65) }],
  ])("is refused with %s, and the frame with it", (_what, operation) => {
    const frame = JSON.stringify(["$call", 1, "post", null, operation]);
    expect(() => decodeClientFrame(frame)).toThrow(
      expect.objectContaining({ name: "PartyError", code: "bad_frame" }),
    );
  });

  it("may have 63 others before it that are not answered, and characters of base64url", () => {
    const operation = { page: "-_aZ09".padEnd(32, "x"), number: 64, oldest: 1, since: "" };
    const frame = decodeClientFrame(JSON.stringify(["$call", 1, "post", null, operation]));
    expect(frame).toMatchObject({ kind: "call", operation });
  });
});
