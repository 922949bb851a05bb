import fc from "fast-check";
import { expect, it } from "vitest";
import { utf8Length } from "./utf8";

const lengthOf = (text: string) => new TextEncoder().encode(text).length;

it.each(["", "plain", "a\nb\0\x7f", "é", "߿ࠀ", "￿", "😀", "\ud83d", "\ude00 x", "\ude00\ud83d"])(
  "a text has as many bytes as TextEncoder makes of it: %j",
  (text) => expect(utf8Length(text)).toBe(lengthOf(text)),
);

it("any text has as many bytes as TextEncoder makes of it", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string(), (one, other) => {
      expect(utf8Length(one + other)).toBe(lengthOf(one + other));
    }),
  );
});
