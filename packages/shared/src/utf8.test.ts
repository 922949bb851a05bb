import fc from "fast-check";
import { expect, it } from "vitest";
import { utf8Binary, utf8Length } from "./utf8";

/** As TextEncoder has it. */
function expectUtf8(text: string): void {
  const bytes = new TextEncoder().encode(text);
  expect(utf8Length(text)).toBe(bytes.length);
  expect(utf8Binary(text)).toBe(String.fromCharCode(...bytes));
}

it.each(["", "plain", "a\nb\0\x7f", "é", "߿ࠀ", "￿", "😀", "\ud83d", "\ude00 x", "\ude00\ud83d"])(
  "a text has the bytes that TextEncoder makes of it: %j",
  expectUtf8,
);

it("any text has the bytes that TextEncoder makes of it", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string(), (one, other) => {
      expectUtf8(one + other);
    }),
  );
});
