import { defineConfig } from "vitest/config";
import { excluded } from "../harness/quick.ts";

export default defineConfig({
  test: {
    name: "bench",
    include: ["**/*.test.ts"],
    exclude: excluded.bench,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
