import { expect, test } from "vitest";
import { fillMarked, wrapped } from "./markdown.ts";

const WORD = "w".repeat(49);

test("breaks a paragraph's lines at 100 columns", () => {
  expect(wrapped(`${WORD} ${WORD} x`)).toBe(`${WORD} ${WORD}\nx`);
  expect(wrapped(`${WORD} ${WORD}w x`)).toBe(`${WORD} ${WORD}w\nx`);
});

test("indents all lines of an item but the first, and counts the indent", () => {
  expect(wrapped(`- ${WORD} ${WORD} ${WORD}`, "  ")).toBe(`- ${WORD}\n  ${WORD}\n  ${WORD}`);
});

test("does not break code", () => {
  expect(wrapped(`${WORD} ${WORD} \`a b\`.`)).toBe(`${WORD} ${WORD}\n\`a b\`.`);
});

test("fills what stands between two comments, and nothing else", () => {
  const page = "a\n<!-- results: one -->\nold\n<!-- /results -->\nb";
  const filled = fillMarked(page, (name) => `new ${name}`);
  expect(filled).toBe("a\n<!-- results: one -->\n\nnew one\n\n<!-- /results -->\nb");
  expect(fillMarked(filled, (name) => `new ${name}`)).toBe(filled);
});
