import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test as base } from "@playwright/test";
import { freePort } from "@partyflare/harness/free-port";
import { ServerProcess } from "./server-process";

/** The site's folder. */
export const SITE_FOLDER = fileURLToPath(new URL("../../apps/docs", import.meta.url));

/** The environment of wrangler: it asks nothing of the internet. */
export const WRANGLER_ENVIRONMENT = {
  WRANGLER_SEND_METRICS: "false",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
};

/** Wrangler, by its path, since a package manager in between keeps signals. */
export const WRANGLER = "node_modules/wrangler/bin/wrangler.js";

const START_TIMEOUT_MS = 120_000;

/**
 * Playwright's test, with the built site on a workerd of its own. `baseURL` is the site. A test
 * fails if one of its pages throws, complains in the console, or requests something from elsewhere.
 */
export const test = base.extend<{ complaints: string[] }, { site: string }>({
  site: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads what a fixture needs from here.
    async ({}, use) => {
      const folder = await mkdtemp(join(tmpdir(), "partyflare-site-"));
      const { origin, server } = await start(folder);
      await use(origin);
      await server.kill();
      await rm(folder, { recursive: true, force: true });
    },
    { scope: "worker", timeout: START_TIMEOUT_MS },
  ],
  baseURL: ({ site }, use) => use(site),
  complaints: [
    async ({ context, site }, use) => {
      const heard: string[] = [];
      context.on("console", (message) => {
        if (["error", "warning"].includes(message.type())) heard.push(message.text());
      });
      context.on("weberror", (error) => heard.push(String(error.error())));
      context.on("request", (request) => {
        const { protocol, origin } = new URL(request.url());
        if (protocol.startsWith("http") && origin !== site)
          heard.push(`requested ${request.url()}`);
      });
      await use(heard);
      base.expect(heard).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect } from "@playwright/test";

async function start(stateFolder: string): Promise<{ origin: string; server: ServerProcess }> {
  if (!existsSync(join(SITE_FOLDER, "dist/index.html"))) {
    throw new Error("The site is not built. Run: npx -y pnpm@12 --filter @partyflare/docs build");
  }
  const port = await freePort();
  const parameters = ["dev", "--ip=127.0.0.1", `--port=${port}`, "--inspector-port=0"];
  const server = await ServerProcess.start({
    command: [process.execPath, WRANGLER, ...parameters, `--persist-to=${stateFolder}`],
    cwd: SITE_FOLDER,
    env: { ...process.env, ...WRANGLER_ENVIRONMENT },
    port,
  });
  return { origin: `http://127.0.0.1:${port}`, server };
}
