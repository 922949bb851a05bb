import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "@playwright/test";
import { fixtureServer } from "./e2e/fixture/server";
import { CHROMIUM_ARGUMENTS, findChromium } from "./e2e/support/chromium.mjs";
import { DEMO_FOLDER, previewCommand, previewEnvironment } from "./e2e/support/preview-command";
import { freePort } from "./harness/free-port";

// Every worker reads this file again: what the first reading found out is in its environment.
if (process.env.PARTYFLARE_E2E_PORT === undefined) {
  process.env.PARTYFLARE_E2E_PORT = String(await freePort());
  process.env.PARTYFLARE_FIXTURE_PORT = String(await freePort());
  process.env.PARTYFLARE_CHROMIUM ??= findChromium();
  // A folder for each run, so that two runs at once do not share their rooms.
  const folder = mkdtempSync(join(tmpdir(), "partyflare-e2e-"));
  process.env.PARTYFLARE_E2E_STATE = folder;
  // Not in a global teardown: the servers still write then.
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
}

const stateFolder = process.env.PARTYFLARE_E2E_STATE ?? ".wrangler/e2e-state";
const port = Number(process.env.PARTYFLARE_E2E_PORT);
const baseURL = `http://127.0.0.1:${port}`;

// oxlint-disable-next-line import/no-default-export -- Playwright asks for it.
export default defineConfig({
  testDir: "e2e",
  // They are made by a command of their own: scripts/pictures.mjs.
  testIgnore: process.env.PARTYFLARE_PICTURES === undefined ? "pictures.spec.ts" : [],
  outputDir: ".results/e2e-output",
  reporter: [["list"], ["json", { outputFile: ".results/e2e.json" }]],
  fullyParallel: true,
  forbidOnly: Boolean(process.env.CI),
  retries: 0,
  workers: 2,
  // React 18 gets the tests with its tag. PARTYFLARE_SCALE=1 gives it all of React 19's.
  grepInvert: Number(process.env.PARTYFLARE_SCALE) >= 1 ? [] : /in React 18 (?!.*@react-18)/,
  // A machine may be busy with something else, and a client waits up to 30 s before an attempt.
  timeout: 240_000,
  expect: { timeout: 60_000 },
  use: {
    baseURL,
    locale: "en-GB",
    viewport: { width: 1280, height: 800 },
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: process.env.PARTYFLARE_CHROMIUM,
      args: CHROMIUM_ARGUMENTS,
    },
  },
  webServer: [
    {
      command: previewCommand(port)
        .map((word) => JSON.stringify(word))
        .join(" "),
      cwd: DEMO_FOLDER,
      env: previewEnvironment(stateFolder),
      url: baseURL,
      reuseExistingServer: false,
      gracefulShutdown: { signal: "SIGTERM", timeout: 5_000 },
      timeout: 180_000,
    },
    fixtureServer(Number(process.env.PARTYFLARE_FIXTURE_PORT)),
  ],
});
