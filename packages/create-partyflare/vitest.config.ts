import { defineConfig } from "vitest/config";
import { PATIENCE } from "../../harness/wait.ts";

export default defineConfig({
  test: { name: "create", include: ["src/**/*.test.ts"], isolate: false, ...PATIENCE },
});
