import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { filledPage, PAGES } from "./pages.ts";

test.each(PAGES)("%s has the numbers of bench/results and .size-limit.json", (page) => {
  const text = readFileSync(new URL(`../../${page}`, import.meta.url), "utf8");
  expect(filledPage(page, text)).toBe(text);
});
