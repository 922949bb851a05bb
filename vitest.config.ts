import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { IS_QUICK } from "./harness/quick.ts";

export default defineConfig({
  test: {
    projects: [
      "packages/*",
      "packages/client/vitest.*.config.ts",
      "examples",
      "bench",
      "apps/docs",
    ],
    // For tests inside workerd, which see no environment variable: see harness/scale.ts and quick.ts.
    provide: { scale: Number(process.env.PARTYFLARE_SCALE ?? 0.2), isQuick: IS_QUICK },
    // Vitest would leave a core free. Tests mostly wait: two cores finish four at a time soonest.
    maxWorkers: Math.max(4, availableParallelism() - 1),
  },
});
