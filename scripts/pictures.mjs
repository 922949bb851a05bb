// Makes the README's pictures, docs/images/*.png, from the built demo in Chromium, and the site's card.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const environment = { ...process.env, PARTYFLARE_PICTURES: `${root}docs/images` };

for (const command of [
  "node scripts/ensure-browser.mjs",
  "pnpm build",
  "pnpm build:apps",
  "playwright test e2e/pictures.spec.ts",
  "node scripts/card.mjs",
]) {
  const { status } = spawnSync(command, {
    cwd: root,
    env: environment,
    shell: true,
    stdio: "inherit",
  });
  if (status !== 0) process.exit(1);
}
