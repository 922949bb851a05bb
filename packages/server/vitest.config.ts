import { cloudflareTest } from "@cloudflare/vitest-pool-workers";
import { defineConfig } from "vitest/config";
import { excluded } from "../../harness/quick.ts";
import { PATIENCE } from "../../harness/wait.ts";

export default defineConfig({
  plugins: [cloudflareTest({ wrangler: { configPath: "./test/wrangler.jsonc" } })],
  test: {
    name: "server",
    exclude: excluded.server,
    // A workerd for each file would take half of the time. Rooms have names of their own.
    isolate: false,
    setupFiles: ["./test/platform-clock.ts", "./test/free-rooms.ts"],
    ...PATIENCE,
  },
});
