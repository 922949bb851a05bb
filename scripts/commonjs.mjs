// Makes CommonJS of a package's built modules, file by file: `index.cjs` of `index.js`, `index.d.cts`
// of `index.d.ts`. A chunk that two entries share stays one, and so does its state. Run by `pnpm build`
// in the package's folder.
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { transformSync } from "esbuild";

for (const file of globSync("dist/**/*.js")) {
  // For Node, so that `import { connect }` of the result finds its names.
  const { code } = transformSync(read(file), { format: "cjs", platform: "node" });
  write(file, code.replaceAll(/(require\("\.[^"]*)\.js"\)/g, '$1.cjs")'));
}
for (const file of globSync("dist/**/*.d.ts")) {
  write(file, read(file).replaceAll(/( from ["']\.[^"']*)\.js(["'])/g, "$1.cjs$2"));
}

function read(file) {
  return readFileSync(file, "utf8");
}

function write(file, text) {
  writeFileSync(file.replace(/(\.d)?\.(j|t)s$/, "$1.c$2s"), text);
}
