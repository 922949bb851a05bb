import { spawnSync } from "node:child_process";
import { chromium } from "@playwright/test";

/** Where browsers that are Chromium, or close to it, usually live. */
const USUAL_PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome-stable",
  "/usr/bin/google-chrome",
  "/snap/bin/chromium",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/**
 * A Chromium that starts on this machine: the one that `PARTYFLARE_CHROMIUM` names, else
 * Playwright's own, else the system's.
 *
 * @returns {string | undefined} the path of its executable; undefined where there is none.
 */
export function findChromium() {
  const { PARTYFLARE_CHROMIUM: named } = process.env;
  if (named) return named;
  return [chromium.executablePath(), ...USUAL_PLACES].find(starts);
}

/**
 * Asking for the version finds more than a look at the file does: libraries that are missing, and
 * scripts that only tell how to install the browser.
 *
 * @param {string} executablePath
 */
function starts(executablePath) {
  const { status, stdout } = spawnSync(executablePath, ["--version"], { encoding: "utf8" });
  return status === 0 && /chrom/i.test(stdout);
}

/**
 * What Playwright 1.65 disables, but for Edge. Chromium takes the last `--disable-features` alone,
 * so ours repeats it.
 */
const DISABLED_BY_PLAYWRIGHT = [
  "AvoidUnnecessaryBeforeUnloadCheckSync",
  "DestroyProfileOnBrowserClose",
  "HttpsUpgrades",
  "HttpsFirstBalancedModeAutoEnable",
  "LensOverlay",
  "MediaRouter",
  "PaintHolding",
  "ThirdPartyStoragePartitioning",
  "AvoidCorsURLLoaderRestartOnRedirect",
  "TcpPortRandomizationWin",
  "OptimizationHints",
  "NetworkTimeServiceQuerying",
  "AimEnabled",
  "PreconnectToSearch",
];

/**
 * Pages of the address bar's suggestions. A window without a display loads them too: a third of the
 * processor time of opening it.
 */
const SUGGESTIONS = ["WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup"];

/**
 * The arguments with which tests start it: without the services that would look for a network, and
 * without the sandbox where root is not given one.
 */
export const CHROMIUM_ARGUMENTS = [
  "--disable-background-networking",
  "--disable-component-update",
  `--disable-features=${[...DISABLED_BY_PLAYWRIGHT, ...SUGGESTIONS].join(",")}`,
  "--disable-quic",
  "--disable-sync",
  "--no-first-run",
  ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
];
