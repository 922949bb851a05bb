import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

const PACKAGES = fileURLToPath(new URL("../../packages", import.meta.url));

/** Our packages: the names of their folders, and their names on npm. */
const OURS = {
  client: "@partyflare/client",
  "create-partyflare": "create-partyflare",
  server: "partyflare",
  shared: "@partyflare/shared",
} as const;

/** The dependencies of a new project, with which the starter's own tests have been installed. */
const INSTALLED = join(PACKAGES, "create-partyflare/node_modules");

/**
 * Makes a `node_modules` for new projects: our packages as npm packs them, and links to the installed
 * packages of others. It needs no network.
 */
export async function installPacked(modules: string): Promise<void> {
  mkdirSync(join(modules, ".bin"), { recursive: true });
  await Promise.all(Object.entries(OURS).map(([folder, name]) => unpack(folder, modules, name)));
  for (const name of namesIn(INSTALLED)) link(name, INSTALLED, modules);
  for (const name of readdirSync(join(INSTALLED, ".bin"))) {
    symlinkSync(join(INSTALLED, ".bin", name), join(modules, ".bin", name));
  }
  // Of our packages, only the types of one depend on another's package.
  link("@standard-schema/spec", join(PACKAGES, "shared/node_modules"), modules);
}

async function unpack(folder: string, modules: string, name: string): Promise<void> {
  const target = join(modules, name);
  mkdirSync(target, { recursive: true });
  const options = { cwd: join(PACKAGES, folder), shell: process.platform === "win32" };
  const packing = ["pack", "--ignore-scripts", "--silent", `--pack-destination=${target}`];
  const { stdout } = await run("npm", packing, options);
  await run("tar", ["-xzf", stdout.trim(), "--strip-components=1"], { cwd: target });
}

/** Returns the names of the packages in a folder, those in scopes too. */
function namesIn(modules: string): string[] {
  return readdirSync(modules).flatMap((name) => {
    if (name.startsWith(".")) return [];
    if (!name.startsWith("@")) return [name];
    return readdirSync(join(modules, name)).map((inScope) => `${name}/${inScope}`);
  });
}

function link(name: string, from: string, to: string): void {
  if (Object.values<string>(OURS).includes(name)) return;
  mkdirSync(dirname(join(to, name)), { recursive: true });
  symlinkSync(join(from, name), join(to, name), "junction");
}
