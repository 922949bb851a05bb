import { defineConfig } from "vitest/config";
import { PATIENCE } from "../../harness/wait.ts";

export default defineConfig({
  test: { name: "shared", ...PATIENCE, isolate: false },
});
