import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { allDocuments, ROOT } from "./documents";

const links = allDocuments().flatMap(({ path, text }) =>
  [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = ""]) => target)
    .filter((target) => !/^\w+:/.test(target))
    .map((target) => ({ path, target })),
);

describe("a link in the documentation", () => {
  it.each(links)("leads somewhere: $target, in $path", ({ path, target }) => {
    const [file = "", anchor] = target.split("#");
    const linked = file === "" ? join(ROOT, path) : join(ROOT, dirname(path), file);
    expect(existsSync(linked)).toBe(true);
    if (anchor !== undefined) expect(anchorsOf(linked)).toContain(anchor);
  });
});

/** The anchors that GitHub gives to headings: lower case, no punctuation, dashes for spaces. */
function anchorsOf(file: string): string[] {
  return [...withoutCode(readFileSync(file, "utf8")).matchAll(/^#+ (.+)$/gm)].map(
    ([, heading = ""]) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
        .replaceAll(" ", "-"),
  );
}

function withoutCode(text: string): string {
  return text.replaceAll(/^```[^]*?^```$/gm, "");
}
