import { defineConfig } from "vitest/config";
import { excludedDocs } from "../harness/quick.ts";

export default defineConfig({
  test: {
    name: "docs",
    include: ["test/**/*.test.ts"],
    exclude: excludedDocs,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
