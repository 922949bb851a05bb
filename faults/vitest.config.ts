import { cloudflareTest } from "@cloudflare/vitest-pool-workers";
import { defineConfig } from "vitest/config";
import { PATIENCE } from "../harness/wait.ts";
import { builds } from "./harness/builds.ts";

const { FAULTS_SEED = "1", FAULTS_COUNT = "100" } = process.env;

export default defineConfig({
  plugins: [
    builds(),
    cloudflareTest({
      wrangler: { configPath: "./in-workerd/wrangler.jsonc" },
      miniflare: { bindings: { FAULTS_SEED, FAULTS_COUNT } },
    }),
  ],
  test: { name: "faults", include: ["in-workerd/**/*.test.ts"], ...PATIENCE },
});
