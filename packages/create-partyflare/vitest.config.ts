import { defineConfig } from "vitest/config";
import { excludedStarter } from "../../harness/quick.ts";

export default defineConfig({
  test: {
    name: "create",
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    exclude: excludedStarter,
    testTimeout: 120_000,
    hookTimeout: 240_000,
  },
});
