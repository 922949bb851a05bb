import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: ["packages/*", "packages/client/vitest.*.config.ts", "examples", "bench"],
    // For harness/scale.ts. `scripts/test.mjs` sets it for `pnpm test:all`.
    provide: { scale: Number(process.env.PARTYFLARE_SCALE ?? 0.2) },
    // Vitest would leave a core free. Tests mostly wait: on two cores, one at a time takes twice as long.
    maxWorkers: Math.max(2, availableParallelism() - 1),
  },
});
