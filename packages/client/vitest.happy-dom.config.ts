import { defineConfig } from "vitest/config";
import { includedOnSecondPlatform } from "../../harness/quick.ts";

/** The client's suite on a page of happy-dom, whose EventTarget calls `on…` properties by itself. */
export default defineConfig({
  test: {
    name: "client in happy-dom",
    include: includedOnSecondPlatform,
    environment: "happy-dom",
    environmentOptions: {
      // The room servers of tests are at other origins, and know nothing of CORS.
      happyDOM: { settings: { fetch: { disableSameOriginPolicy: true } } },
    },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // One page for all files, in a group of its own, takes a third of the time.
    isolate: false,
    maxWorkers: 1,
    sequence: { groupOrder: 2 },
  },
});
