import { cloudflareTest } from "@cloudflare/vitest-pool-workers";
import { defineConfig } from "vitest/config";
import { includedOnSecondPlatform } from "../../harness/quick.ts";
import { PATIENCE } from "../../harness/wait.ts";

/** The client's suite inside workerd, whose EventTarget calls `on…` properties by itself. */
export default defineConfig({
  plugins: [
    cloudflareTest({
      miniflare: { compatibilityDate: "2026-08-01", compatibilityFlags: ["nodejs_compat"] },
    }),
  ],
  test: {
    name: "client in workerd",
    include: includedOnSecondPlatform,
    globalSetup: "./test/ports-outside.ts",
    ...PATIENCE,
    // One workerd for all files, in a group of its own, takes a third of the time.
    isolate: false,
    maxWorkers: 1,
    sequence: { groupOrder: 1 },
  },
});
