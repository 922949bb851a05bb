import { fileURLToPath } from "node:url";
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { PATIENCE } from "../../harness/wait.ts";

const configPath = fileURLToPath(new URL("wrangler.jsonc", import.meta.url));

export default defineConfig({
  plugins: [cloudflareTest({ wrangler: { configPath } })],
  test: { name: "site", include: ["worker/*.test.ts"], ...PATIENCE },
});
