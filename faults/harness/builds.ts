import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "@partyflare/harness/clean-up";
import type { Plugin } from "vitest/config";
import { bundle, type Library } from "./bundle.ts";

const BUILDS: Record<string, { entry: string; library: Library }> = {
  "build:one": { entry: "in-workerd/build-one.ts", library: "dist" },
  "build:two": { entry: "in-workerd/build-two.ts", library: { patches: [] } },
  // A release that writes another version of attachments, and does not read this one's.
  "build:unable": {
    entry: "in-workerd/build-two.ts",
    library: {
      patches: [
        {
          file: "packages/server/src/connections/attachment.ts",
          find: "const VERSION = 1;",
          replace: "const VERSION = 2;",
        },
      ],
    },
  },
};

/** Modules that are whole builds of an app, each with a library of its own: `build:one` and others. */
export function builds(): Plugin {
  return {
    name: "builds",
    enforce: "pre",
    resolveId: (id) => (BUILDS[id] ? `\0${id}` : undefined),
    async load(id) {
      const build = BUILDS[id.slice(1)];
      if (!build) return undefined;
      const folder = temporaryFolder();
      const to = join(folder.path, "build.js");
      try {
        await bundle(build.entry, { to, platform: "worker", library: build.library });
        return await readFile(to, "utf8");
      } finally {
        folder.remove();
      }
    },
  };
}
