import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { Failure } from "./failure";
import type { PackageManager } from "./package-manager";

/**
 * Installs the packages of a project, and shows the package manager's own output.
 *
 * @param shown the project's folder, as the reader has typed it.
 * @throws Failure that tells how to go on.
 */
export function install({ name }: PackageManager, folder: string, shown: string): void {
  const { status, error } = spawnSync(name, ["install"], {
    cwd: folder,
    stdio: "inherit",
    // npm and the others are scripts there, which only a shell starts.
    shell: process.platform === "win32",
  });
  if (status === 0) return;
  const reason = error === undefined ? "" : ` (${error.message})`;
  throw new Failure(
    `"${name} install" failed${reason}. The project is in "${shown}": check the network, then run ` +
      `"${name} install" there, and "${name} run dev".`,
  );
}

/** Makes a repository of a folder, unless it is in one already or there is no git. */
export function initialiseGit(folder: string): void {
  if (isInRepository(folder)) return;
  spawnSync("git", ["init", "--quiet"], { cwd: folder, stdio: "ignore" });
}

function isInRepository(folder: string): boolean {
  if (existsSync(join(folder, ".git"))) return true;
  const parent = dirname(folder);
  return parent !== folder && isInRepository(parent);
}
