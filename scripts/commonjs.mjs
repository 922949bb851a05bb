// Makes CommonJS of a package's built modules, file by file: `index.cjs` of `index.js`, `index.d.cts`
// of `index.d.ts`, `index.cjs.map` of `index.js.map`. A chunk that two entries share stays one, and so
// does its state. Run by `pnpm build` in the package's folder.
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { transformSync } from "esbuild";

for (const file of globSync("dist/**/*.js")) {
  const name = basename(file).replace(/\.js$/, ".cjs");
  const { code, map } = transformSync(withMap(file), {
    format: "cjs",
    // For Node, so that `import { connect }` of the result finds its names.
    platform: "node",
    sourcemap: "external",
    sourcefile: basename(file),
  });
  const required = code.replaceAll(/(require\("\.[^"]*)\.js"\)/g, '$1.cjs")');
  write(file, `${required}//# sourceMappingURL=${name}.map\n`);
  write(`${file}.map`, map);
}
for (const file of globSync("dist/**/*.d.ts")) {
  write(file, read(file).replaceAll(/( from ["']\.[^"']*)\.js(["'])/g, "$1.cjs$2"));
}

/** The code of a module, with its source map in it: esbuild then maps the result to the sources. */
function withMap(file) {
  const base64 = Buffer.from(read(`${file}.map`)).toString("base64");
  const inline = `//# sourceMappingURL=data:application/json;base64,${base64}`;
  return read(file).replace(/^\/\/# sourceMappingURL=.*$/m, inline);
}

function read(file) {
  return readFileSync(file, "utf8");
}

function write(file, text) {
  writeFileSync(file.replace(/(\.d)?\.(j|t)s(\.map)?$/, "$1.c$2s$3"), text);
}
