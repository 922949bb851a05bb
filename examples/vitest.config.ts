import { defineConfig } from "vitest/config";
import { excluded } from "../harness/quick.ts";
import { PATIENCE } from "../harness/wait.ts";

export default defineConfig({
  test: {
    name: "docs",
    include: ["test/**/*.test.ts"],
    exclude: excluded.docs,
    isolate: false,
    ...PATIENCE,
  },
});
