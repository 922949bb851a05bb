import { encodeClientFrame, encodeEvent, encodeText } from "@partyflare/shared/internal";
import { describe, expect, it } from "vitest";
import { droppedOf } from "./dropped";

describe("what was dropped", () => {
  const bytes = new Uint8Array([1]);
  it.each([
    [encodeEvent("say", { text: "hi" }), { kind: "event", event: "say", data: { text: "hi" } }],
    [encodeEvent("wave", undefined), { kind: "event", event: "wave", data: undefined }],
    [
      encodeClientFrame({ kind: "call", id: 7, name: "rename", input: 1 }),
      { kind: "call", call: "rename", input: 1 },
    ],
    [encodeText('["say"]'), { kind: "text", text: '["say"]' }],
    [bytes, { kind: "binary", bytes }],
  ])("is told as it was given: %j", (message, dropped) => {
    expect(droppedOf({ message }, "full")).toEqual({ ...dropped, reason: "full" });
  });
});
