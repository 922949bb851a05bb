import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { defineConfig } from "tsup";

/** The packages in the bundle. Their licences go along. */
const BUNDLED: readonly (readonly string[])[] = [
  ["@clack/prompts"],
  ["@clack/prompts", "@clack/core"],
  ["@clack/prompts", "sisteransi"],
  ["@clack/prompts", "fast-string-width"],
  ["@clack/prompts", "fast-wrap-ansi"],
  ["@clack/prompts", "fast-string-width", "fast-string-truncated-width"],
  ["json5"],
];

export default defineConfig({
  entry: ["src/bin.ts"],
  format: "esm",
  platform: "node",
  // A Node that is too old still has to read the file that checks its version.
  target: "es2020",
  splitting: true,
  minify: true,
  clean: true,
  noExternal: [/./],
  onSuccess: async () => writeFileSync("dist/LICENSES.txt", BUNDLED.map(licence).join("\n\n")),
});

/** Returns the licence of a package that the last of others depends on, in their order. */
function licence(path: readonly string[]): string {
  const manifest = path.reduce(
    (from, name) => manifestOf(createRequire(from), name),
    import.meta.filename,
  );
  const folder = dirname(manifest);
  const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name)) ?? "";
  return `${path.at(-1)}\n\n${readFileSync(join(folder, file), "utf8").trim()}\n`;
}

/** A package's manifest may not be among its exports, so it is looked for from its entry up. */
function manifestOf(require: NodeJS.Require, name: string): string {
  for (let folder = dirname(require.resolve(name)); ; folder = dirname(folder)) {
    const path = join(folder, "package.json");
    try {
      if (JSON.parse(readFileSync(path, "utf8")).name === name) return path;
    } catch {
      if (dirname(folder) === folder) throw new Error(`${name} has no package.json.`);
    }
  }
}
