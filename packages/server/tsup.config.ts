import { cp } from "node:fs/promises";
import { defineConfig, type Options } from "tsup";

const shared: Options = {
  format: "esm",
  platform: "neutral",
  target: "es2023",
  external: [/^cloudflare:/, "@partyflare/client", "vitest"],
};

export default defineConfig([
  {
    ...shared,
    entry: {
      index: "src/index.ts",
      // A module of its own, so that a bundler leaves out mutative with it where it is not used.
      draft: "src/capabilities/shared-state/draft.ts",
    },
    dts: {
      entry: { index: "src/index.ts", testing: "src/testing/index.ts" },
      compilerOptions: { stripInternal: true },
    },
    // The other build runs at the same time.
    clean: ["!testing.js"],
    noExternal: ["mutative"],
    // Workers without Node's compatibility have no `process`, and not all bundlers replace it.
    env: { NODE_ENV: "production" },
    onSuccess: () => cp("node_modules/mutative/LICENSE", "dist/LICENSE-mutative.txt"),
  },
  // Apart, so that the entry of apps shares no chunk with it.
  { ...shared, entry: { testing: "src/testing/index.ts" } },
]);
