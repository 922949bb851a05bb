import { defineConfig } from "vitest/config";
import { excluded } from "../harness/quick.ts";

export default defineConfig({
  test: {
    name: "docs",
    include: ["test/**/*.test.ts"],
    exclude: excluded.docs,
    isolate: false,
    testTimeout: 240_000,
    hookTimeout: 240_000,
  },
});
