import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { filesIn, PackedPackage } from "./packed";

/** The head of each list. */
const NOTE = `# The files of the npm package, besides its sources: src holds every source that is no test.
# A hash in a name is "[hash]". Write the list anew by: npx -y pnpm@12 package-files
`;

/** What npm shows of a package, besides its README. */
const METADATA = ["bugs", "description", "homepage", "keywords", "license", "repository"];

/** A name in a source of a package that is no test: `room.ts`, and neither `room.test.ts` nor data. */
const SOURCE = /(?:^|\/)[\w-]+\.tsx?$/;

describe.each(["server", "client", "shared"])("the package of packages/%s", (name) => {
  let packed: PackedPackage;

  beforeAll(async () => {
    packed = await PackedPackage.pack(name);
  });
  afterAll(() => packed.dispose());

  const scripts = () => packed.files.filter((file) => /^dist\/.*\.c?js$/.test(file));

  it("has the files of its list, and no others", async () => {
    const listed = packed.files.filter((file) => !file.startsWith("src/")).map(withoutHash);
    const list = `${NOTE}${listed.toSorted().join("\n")}\n`;
    await expect(list).toMatchFileSnapshot(join(packed.home, "package-files.txt"));
  });

  it("has every source that is no test, and nothing that these do not have", () => {
    const sources = packed.files.filter((file) => file.startsWith("src/"));
    const expected = filesIn(join(packed.home, "src")).filter((file) => SOURCE.test(file));
    expect(sources).toEqual(expected.map((file) => `src/${file}`));
    const missing = sources.flatMap((file) =>
      [...packed.read(file).matchAll(/^(?! *\*).*(?:from|import\() ?"(\.[^"]+)"/gm)]
        .map(([, path = ""]) => join(file, "..", path).replaceAll("\\", "/"))
        .filter((path) => !sources.includes(`${path}.ts`) && !sources.includes(`${path}.tsx`)),
    );
    expect(missing).toEqual([]);
  });

  it("has a source map for each script, with every source that the map names", () => {
    expect(scripts().length).toBeGreaterThan(0);
    for (const script of scripts()) {
      const map = packed.mapOf(script);
      const unknown = map.sources.filter((source) => !map.textOf(source));
      expect([script, unknown]).toEqual([script, []]);
      // A name of pnpm's own folders tells a reader nothing.
      expect(map.sources.join("\n")).not.toContain(".pnpm");
    }
  });

  it("maps each function of a script to the line of a source that declares it", () => {
    let count = 0;
    const wrong: string[] = [];
    for (const script of scripts()) {
      const map = packed.mapOf(script);
      for (const [line, text] of packed.read(script).split("\n").entries()) {
        const [, prefix = "", declared = ""] = /^((?:async )?function\*? )(\w+)\(/.exec(text) ?? [];
        if (declared === "" || declared.startsWith("__")) continue;
        count += 1;
        // A bundler numbers names that are there twice.
        const plain = declared.replace(/\d+$/, "");
        const source = map.lineOf(line, prefix.length) ?? "";
        if (!source.includes(plain)) wrong.push(`${script}:${line + 1} ${text} → ${source}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(count).toBeGreaterThan(10);
  });

  it("has what npm shows of it", () => {
    const manifest = JSON.parse(packed.read("package.json")) as Record<string, unknown>;
    expect(Object.keys(manifest)).toEqual(expect.arrayContaining(METADATA));
    expect(manifest.sideEffects).toBe(false);
    const page = `https://github.com/partyflare/partyflare/tree/main/packages/${name}#readme`;
    expect(manifest.homepage).toBe(page);
    expect(packed.read("README.md")).toContain(`npm install ${String(manifest.name)}`);
  });
});

describe("a stack trace of the packed code", () => {
  let packed: PackedPackage;

  beforeAll(async () => {
    packed = await PackedPackage.pack("shared");
  });
  afterAll(() => packed.dispose());

  it.each([
    ["import", "index.js", (path: string) => `import { roomPath } from "${path}";`],
    ["require", "index.cjs", (path: string) => `const { roomPath } = require("${path}");`],
  ])("names the lines of the sources, by %s", async (_how, file, load) => {
    const call =
      'try { roomPath({ party: "", room: "a" }); } catch ({ stack }) { console.log(stack); }';
    const script = `${load(packed.path(`dist/${file}`))} ${call}`;
    const input = file.endsWith(".cjs") ? "commonjs" : "module";
    const flags = ["--enable-source-maps", `--input-type=${input}`, "--eval", script];
    const env = { ...process.env, NODE_OPTIONS: "" };
    const { stdout } = await promisify(execFile)(process.execPath, flags, { env });
    const [, line = 0] = /address\.ts:(\d+):/.exec(stdout) ?? [];
    const source = packed.read("src/address.ts").split("\n")[Number(line) - 1];
    expect(stdout).toContain(packed.path("src/address.ts"));
    expect(source).toContain("throw invalidOption(what)");
  });
});

/** Both bundlers put 8 characters after the last dash of a name. */
function withoutHash(file: string): string {
  return file.replace(/-[\w-]{8}(?=\.(?:d\.)?c?[jt]s(?:\.map)?$)/, "-[hash]");
}
