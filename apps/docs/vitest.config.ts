import { fileURLToPath } from "node:url";
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

const configPath = fileURLToPath(new URL("wrangler.jsonc", import.meta.url));

export default defineConfig({
  plugins: [cloudflareTest({ wrangler: { configPath } })],
  test: { name: "site", include: ["worker/*.test.ts"], testTimeout: 120_000 },
});
