import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [cloudflareTest({ wrangler: { configPath: "./wrangler.jsonc" } })],
  // Generous, for a machine that is busy with something else.
  test: { testTimeout: 60_000, expect: { poll: { timeout: 30_000 } } },
});
