import { defineConfig } from "vitest/config";
import { excluded } from "../harness/quick.ts";
import { PATIENCE } from "../harness/wait.ts";

export default defineConfig({
  test: {
    name: "bench",
    include: ["**/*.test.ts"],
    exclude: excluded.bench,
    ...PATIENCE,
  },
});
