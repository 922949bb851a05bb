/** A package manager, with the commands that a reader types. */
export interface PackageManager {
  readonly name: "bun" | "npm" | "pnpm" | "yarn";
  /** Its version; undefined if it has not told it. */
  readonly version: string | undefined;
}

const NAMES: readonly PackageManager["name"][] = ["bun", "npm", "pnpm", "yarn"];

/**
 * Returns the package manager that started this program. It names itself in `npm_config_user_agent`:
 * `pnpm/12.21.0 npm/? node/v24.21.0 linux x64`. Without it, and for others, it is npm.
 */
export function packageManagerOf(userAgent: string | undefined): PackageManager {
  const [told, version] = userAgent?.split(" ")[0]?.split("/") ?? [];
  const name = NAMES.find((each) => each === told);
  return name === undefined ? { name: "npm", version: undefined } : { name, version };
}

/**
 * Returns the command that runs a script: `npm run dev`. Always with `run`, since pnpm has a `deploy`
 * and bun a `test` of its own.
 */
export function runCommand({ name }: PackageManager, script: string): string {
  return `${name} run ${script}`;
}

/** Returns the command that adds packages: `npm install --save-dev wrangler`. */
export function addCommand({ name }: PackageManager, packages: string, isDev = false): string {
  if (name === "npm") return `npm install ${isDev ? "--save-dev " : ""}${packages}`;
  return `${name} add ${isDev ? "-D " : ""}${packages}`;
}

/** Quotes a path that a shell would read otherwise. */
export function quoted(path: string): string {
  if (/^[\w./\\:~@%+,-]+$/.test(path)) return path;
  if (process.platform === "win32") return `"${path}"`;
  return `'${path.replaceAll("'", String.raw`'\''`)}'`;
}

/**
 * Returns the files that a package manager needs in a project, by name.
 *
 * - pnpm runs no script of a dependency that the project does not list, and from version 11 on fails
 *   over the question.
 * - Yarn from version 2 on keeps packages in archives, which Vite and wrangler cannot read.
 */
export function settingsOf({ name, version }: PackageManager): Readonly<Record<string, string>> {
  if (name === "pnpm") {
    return {
      "pnpm-workspace.yaml": "allowBuilds:\n  esbuild: true\n  sharp: false\n  workerd: true\n",
    };
  }
  if (name === "yarn" && !version?.startsWith("1.")) {
    return { ".yarnrc.yml": "nodeLinker: node-modules\n" };
  }
  return {};
}
