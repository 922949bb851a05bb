import { defineConfig } from "vitest/config";
import { PATIENCE } from "../../harness/wait.ts";

export default defineConfig({
  test: {
    name: "client",
    ...PATIENCE,
    // To load everything anew for each file would take half of the processor's time.
    isolate: false,
  },
});
