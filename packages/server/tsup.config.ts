import { cp } from "node:fs/promises";
import { defineConfig, type Options } from "tsup";

const shared: Options = {
  format: "esm",
  platform: "neutral",
  target: "es2023",
  sourcemap: true,
  external: [/^cloudflare:/, "@partyflare/client", "vitest"],
};

const ENTRIES = {
  index: "src/index.ts",
  hono: "src/hono/rooms.ts",
  "compat/partykit": "src/compat/partykit.ts",
  "compat/partyserver": "src/compat/partyserver.ts",
};

/** Apart, so that the entries of apps share no chunk with it. */
const TESTING = { testing: "src/testing/index.ts" };

export default defineConfig([
  {
    ...shared,
    // A draft is a module of its own, so that a bundler leaves out mutative with it where it is not used.
    entry: { ...ENTRIES, draft: "src/capabilities/shared-state/draft.ts" },
    dts: { entry: { ...ENTRIES, ...TESTING }, compilerOptions: { stripInternal: true } },
    // The other build runs at the same time.
    clean: ["!testing.js", "!testing.js.map"],
    noExternal: ["mutative"],
    // Workers without Node's compatibility have no `process`, and not all bundlers replace it.
    env: { NODE_ENV: "production" },
    onSuccess: () => cp("node_modules/mutative/LICENSE", "dist/LICENSE-mutative.txt"),
  },
  { ...shared, entry: TESTING },
]);
