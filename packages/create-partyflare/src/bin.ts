#!/usr/bin/env node
// Checks Node's version before it loads anything: the rest of the program needs a newer Node.
const OLDEST = [20, 12] as const;

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) {
  void import("./cli").then(({ main }) => main(process.argv.slice(2)));
} else {
  process.stderr.write(
    `create-partyflare needs Node ${OLDEST.join(".")} or newer, and this is ${process.version}. ` +
      "Install a newer one from https://nodejs.org, then run the command again.\n",
  );
  process.exitCode = 1;
}
