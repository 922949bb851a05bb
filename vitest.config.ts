import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { projects: ["packages/*", "packages/client/vitest.*.config.ts", "examples", "bench"] },
});
