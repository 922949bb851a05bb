import { defineConfig } from "vitest/config";
import { excluded } from "../harness/quick.ts";

export default defineConfig({
  test: {
    name: "docs",
    include: ["test/**/*.test.ts"],
    exclude: excluded.docs,
    isolate: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
