// Makes sure that there is a Chromium for the end-to-end tests, and changes nothing where there is.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { findChromium } from "../e2e/support/chromium.mjs";

const isRootOnDebian = process.getuid?.() === 0 && existsSync("/etc/debian_version");

if (!findChromium()) run("playwright", "install", "chromium");
if (!findChromium() && isRootOnDebian) {
  run("apt-get", "update");
  run("apt-get", "install", "--yes", "chromium");
}

const executablePath = findChromium();
if (executablePath === undefined) {
  process.stderr.write(
    "No Chromium was found for the end-to-end tests, and none could be installed.\n" +
      "Install one (Debian: apt-get install chromium), or name the executable of yours in " +
      "PARTYFLARE_CHROMIUM.\n",
  );
  process.exit(1);
}
process.stdout.write(`End-to-end tests use ${executablePath}\n`);

/**
 * What fails here is told by what it prints, and shows in there being no browser afterwards.
 *
 * @param {string} command
 * @param {string[]} parameters
 */
function run(command, ...parameters) {
  spawnSync(command, parameters, { stdio: "inherit", shell: process.platform === "win32" });
}
