import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: ["packages/*", "packages/client/vitest.*.config.ts", "examples", "bench"],
    // Vitest would leave a core free. Tests mostly wait: on two cores, one at a time takes twice as long.
    maxWorkers: Math.max(2, availableParallelism() - 1),
  },
});
