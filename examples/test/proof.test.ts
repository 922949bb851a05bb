import { readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { readDocument, ROOT, tableRows } from "./documents";
import { testNames } from "./test-names";

/** A link that says which test proves something: [`its full title`](../path/to/it.test.ts). */
interface Proof {
  readonly page: string;
  readonly title: string;
  /** From the repository's folder. */
  readonly file: string;
}

const security = readDocument("docs/security.md");
const reliability = readDocument("docs/reliability.md");
const delivery = readDocument("docs/guide/delivery.md");
const comparison = readDocument("docs/comparison.md");
const proofs = [security, reliability, delivery, comparison].flatMap(({ path, text }) =>
  proofsIn(path, text),
);

function proofsIn(page: string, text: string): Proof[] {
  return [...text.matchAll(/\[`([^`]+)`\]\((?!\w+:)([^)#\s]+\.tsx?)\)/g)].map(
    ([, title = "", target = ""]) => ({ page, title, file: join(dirname(page), target) }),
  );
}

/** The runs of faults that `main.ts` makes, from the repository's folder. Each has its file's name. */
const runs = [
  ...readFileSync(join(ROOT, "faults/main.ts"), "utf8").matchAll(
    /^import \{ .* \} from "\.\/(.+)";$/gm,
  ),
].map(([, file = ""]) => join("faults", file));

describe("a test that a page names", () => {
  it.each(proofs)("is there: $title, in $page", (proof) => {
    const isRun = proof.file.startsWith("faults");
    const names = isRun ? runs.map(runName) : testNames(join(ROOT, proof.file));
    expect(names).toContain(proof.title);
    if (isRun) expect(runs).toContain(proof.file);
  });
});

describe("a run of faults", () => {
  it.each(runs)("is in the table of docs/reliability.md, with its result: %s", (file) => {
    const rows = tableRows(reliability, "Faults");
    const row = rows.find(([run = ""]) => run.includes(`[\`${runName(file)}\`](../${file})`));
    expect(row?.at(-1)).toMatch(/passed|failed|skipped/);
  });
});

function runName(file: string): string {
  return basename(file, ".ts");
}

describe("a threat in docs/security.md", () => {
  const threats = tableRows(security, "Threats");

  it.each(threats)("has a test that proves what holds: %s", (_threat, _holds, proved = "") => {
    expect(proofsIn(security.path, proved)).not.toEqual([]);
  });

  it("is there for every test of a threat", () => {
    const cited = new Set(proofs.map(({ title }) => title));
    const tests = testNames(join(ROOT, "packages/server/src/threats.test.ts"));
    expect(tests.filter((name) => !cited.has(name))).toEqual([]);
  });
});

describe("the names of tests in a file", () => {
  it("are those that its runner prints", () => {
    expect(testNames(import.meta.filename)).toEqual([
      "a test that a page names is there: …, in …",
      "a run of faults is in the table of docs/reliability.md, with its result: …",
      "a threat in docs/security.md has a test that proves what holds: …",
      "a threat in docs/security.md is there for every test of a threat",
      "the names of tests in a file are those that its runner prints",
    ]);
  });
});
