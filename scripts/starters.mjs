// Makes the projects behind the deploy buttons: each template in both forms, as a reader gets it, in a
// folder of its own. `.github/workflows/release.yml` pushes them to the branch `starters`.
// `node scripts/starters.mjs ../starters`, after `pnpm build`.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { FRAMEWORKS, TEMPLATES } from "../packages/create-partyflare/src/templates.ts";

const PROGRAM = fileURLToPath(
  new URL("../packages/create-partyflare/dist/bin.js", import.meta.url),
);

const [, , folder] = process.argv;
if (folder === undefined) {
  console.error("Name the folder for the projects: node scripts/starters.mjs ../starters");
  process.exit(1);
}

const rows = TEMPLATES.flatMap(({ name, hint }) =>
  FRAMEWORKS.map((framework) => {
    const project = `${name}-${framework}`;
    const options = [`--template=${name}`, `--${framework}`, "--no-install", "--no-git"];
    execFileSync(process.execPath, [PROGRAM, join(resolve(folder), project), ...options], {
      stdio: ["ignore", "ignore", "inherit"],
      env: { ...process.env, npm_config_user_agent: "" },
    });
    return `- [${project}](${project}): ${hint}`;
  }),
);

writeFileSync(
  join(folder, "README.md"),
  [
    "# Templates of partyflare",
    "",
    "Made by each release for its deploy buttons, from",
    "[packages/create-partyflare](https://github.com/partyflare/partyflare/tree/main/packages/create-partyflare).",
    "",
    ...rows,
    "",
  ].join("\n"),
);
