import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { utf8Binary, utf8Length } from "./utf8";

const ENCODER = new TextEncoder();

/** As TextEncoder has it. */
function expectUtf8(text: string): void {
  const bytes = ENCODER.encode(text);
  expect(utf8Length(text)).toBe(bytes.length);
  expect(utf8Binary(text)).toBe(String.fromCharCode(...bytes));
}

describe.each([
  ["with TextEncoder", TextEncoder],
  ["without TextEncoder", undefined],
])("the bytes of a text, %s,", (_title, encoder) => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it.each([
    "",
    "plain",
    "a\nb\0\x7f",
    "é",
    "\u07ff\u0800",
    "\uffff",
    "😀",
    "\ud83d",
    "\ude00 x",
    "\ude00\ud83d",
  ])("are those of %j", (text) => {
    vi.stubGlobal("TextEncoder", encoder);
    expectUtf8(text);
  });

  it("are those of any text", () => {
    vi.stubGlobal("TextEncoder", encoder);
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string(), (one, other) => {
        expectUtf8(one + other);
      }),
    );
  });
});
