// Finishes the source maps of a package's build. Our own sources are in the package, so the maps hold
// no second copy of them. Those of bundled dependencies are in the maps, under the names of their
// packages. Run by `pnpm build` in the package's folder, after everything that makes a map.
import { globSync, readFileSync, writeFileSync } from "node:fs";

for (const file of globSync("dist/**/*.map")) {
  const map = JSON.parse(readFileSync(file, "utf8"));
  map.sourcesContent = map.sources.map((source, index) =>
    isOurs(source) ? null : map.sourcesContent[index],
  );
  // pnpm's own folders name versions, and differ between installs.
  map.sources = map.sources.map((source) =>
    source.replace(/^.*\/node_modules\//, "../node_modules/"),
  );
  writeFileSync(file, JSON.stringify(map));
}

function isOurs(source) {
  return !source.includes("/node_modules/");
}
