import type ts from "typescript";
import { describe, expect, it } from "vitest";
import { compile, errorsOf, type Realm, type Source } from "./compile";
import { allDocuments, codeBlocks } from "./documents";

/**
 * A block of a page, as a file. The blocks of one page are in one folder, and import each other.
 */
interface Sample extends Source {
  readonly place: string;
  readonly realm: Realm;
}

const samples: Sample[] = allDocuments().flatMap((document) =>
  codeBlocks(document)
    .filter(({ language }) => language === "ts" || language === "tsx")
    .flatMap(({ place, language, fileName, code }) =>
      realmsOf(fileName, code).map((realm) => ({
        place,
        path: pathOf(document.path, fileName ?? `line-${place.split(":")[1]}.${language}`),
        code,
        realm,
      })),
    ),
);

/** Both sides import a contract. */
function realmsOf(fileName: string | undefined, code: string): Realm[] {
  if (fileName?.endsWith("contract.ts")) return ["worker", "page"];
  return [isForPages(fileName, code) ? "page" : "worker"];
}

/** A block that names a file of this repository is compiled in its place. */
function pathOf(page: string, fileName: string): string {
  return fileName.startsWith("packages/") ? `../${fileName}` : `.pages/${page}/${fileName}`;
}

/**
 * Whether code runs in a browser or in Node. All other code is a Worker's, or a test's inside one.
 */
function isForPages(fileName = "", code: string): boolean {
  if (code.includes('from "cloudflare:')) return false;
  if (fileName.startsWith("packages/client/")) return true;
  return fileName.endsWith(".config.ts") || /from "(?:@partyflare\/client|react)/.test(code);
}

const programs = new Map<Realm, ts.Program>();

/** Both realms are compiled once, for all tests. */
function programOf(realm: Realm): ts.Program {
  const known = programs.get(realm);
  if (known) return known;
  const program = compile(
    realm,
    samples.filter((sample) => sample.realm === realm),
  );
  programs.set(realm, program);
  return program;
}

describe("a block of TypeScript in the documentation", () => {
  it.each(samples)("compiles under strict: $place, for a $realm", ({ path, realm }) => {
    expect(errorsOf(programOf(realm), path)).toEqual([]);
  });

  it("is the only one on its page with its file's name", () => {
    const paths = samples.map(({ path, realm }) => `${path}, for a ${realm}`);
    expect(paths.filter((path, index) => paths.indexOf(path) !== index)).toEqual([]);
  });
});

describe("the check of these blocks", () => {
  it("finds a mistake, and says on which line", () => {
    const source = {
      path: "mistake.ts",
      code: 'import { Party } from "partyflare";\nParty.no();\n',
    };
    expect(errorsOf(compile("worker", [source]), source.path)).toEqual([
      "2: Property 'no' does not exist on type 'typeof Party'.",
    ]);
  });
});
