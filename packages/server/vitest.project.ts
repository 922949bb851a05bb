import { cloudflareTest } from "@cloudflare/vitest-pool-workers";
import { defineConfig } from "vitest/config";

/** Tests that have a workerd of their own: one for all would need more memory than V8 gives. */
export const CAPABILITIES = "src/capabilities/**/*.test.ts";

/** The same, of capabilities that deliver: they hold the largest rooms. */
export const DELIVERY = "src/capabilities/{history,once}/*.test.ts";

/** The configuration of tests of the server, which share a workerd. */
export function serverProject(name: string, files: { include?: string[]; exclude: string[] }) {
  return defineConfig({
    plugins: [cloudflareTest({ wrangler: { configPath: "./test/wrangler.jsonc" } })],
    test: {
      name,
      ...files,
      // A workerd for each file would take half of the time. Rooms have names of their own.
      isolate: false,
      setupFiles: ["./test/free-rooms.ts"],
      testTimeout: 120_000,
      hookTimeout: 120_000,
    },
  });
}
