import { cp } from "node:fs/promises";
import { defineConfig } from "tsup";

export default defineConfig({
  entry: {
    index: "src/index.ts",
    // A module of its own, so that a bundler leaves out mutative with it where it is not used.
    draft: "src/capabilities/shared-state/draft.ts",
    "compat/partykit": "src/compat/partykit.ts",
    "compat/partyserver": "src/compat/partyserver.ts",
  },
  format: "esm",
  platform: "neutral",
  target: "es2023",
  dts: {
    entry: {
      index: "src/index.ts",
      "compat/partykit": "src/compat/partykit.ts",
      "compat/partyserver": "src/compat/partyserver.ts",
    },
  },
  clean: true,
  external: [/^cloudflare:/],
  noExternal: ["mutative"],
  // Workers without Node's compatibility have no `process`, and not all bundlers replace it.
  env: { NODE_ENV: "production" },
  onSuccess: () => cp("node_modules/mutative/LICENSE", "dist/LICENSE-mutative.txt"),
});
