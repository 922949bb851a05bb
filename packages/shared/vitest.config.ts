import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { name: "shared", testTimeout: 120_000, isolate: false },
});
