import { defineConfig } from "vitest/config";
import { includedOnSecondPlatform } from "../../harness/quick.ts";
import { PATIENCE } from "../../harness/wait.ts";
import { bundledPartysocket } from "../../scripts/partysocket.mjs";

/**
 * The client's suite on a page of happy-dom, whose EventTarget calls `on…` properties by itself. It
 * runs on the part of partysocket that the client's build bundles.
 */
export default defineConfig({
  plugins: [bundledPartysocket],
  test: {
    server: { deps: { inline: ["partysocket"] } },
    name: "client in happy-dom",
    include: includedOnSecondPlatform,
    environment: "happy-dom",
    environmentOptions: {
      // The room servers of tests are at other origins, and know nothing of CORS.
      happyDOM: { settings: { fetch: { disableSameOriginPolicy: true } } },
    },
    ...PATIENCE,
    // One page for all files, in a group of its own, takes a third of the time.
    isolate: false,
    maxWorkers: 1,
    sequence: { groupOrder: 2 },
  },
});
