import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { devDependencies, version } from "../package.json";
import { type PackageManager, settingsOf } from "./package-manager";
import type { Framework, Template } from "./templates";

/** A project to be written. */
export interface Project {
  /** The name of its package and of its Worker. */
  readonly name: string;
  readonly template: Template;
  readonly framework: Framework;
  readonly packageManager: PackageManager;
}

/** Beside `src` and `dist`. */
const TEMPLATES_FOLDER = fileURLToPath(new URL("../templates", import.meta.url));

/** vite and wrangler need it: their packages' `engines`. */
export const NODE_OF_PROJECTS = "22.12";

/**
 * Files of `templates` that have another name in a project. npm leaves a `.gitignore` out of a package,
 * and a `tsconfig.json` there would be taken for one of this repository.
 */
const REAL_NAMES: Readonly<Record<string, string>> = {
  _gitignore: ".gitignore",
  "_tsconfig.json": "tsconfig.json",
};

/** Returns the files of a project: paths with slashes, and their texts. */
export function filesOf(project: Project): Map<string, string> {
  const { template, framework, packageManager } = project;
  const files = new Map<string, string>();
  const layers = ["base", framework, `${template.name}/common`, `${template.name}/${framework}`];
  for (const layer of layers) {
    for (const [path, text] of textsOf(join(TEMPLATES_FOLDER, layer))) {
      files.set(path, filledIn(text, project));
    }
  }
  files.set("package.json", `${JSON.stringify(manifestOf(project), null, 2)}\n`);
  for (const [path, text] of Object.entries(settingsOf(packageManager))) files.set(path, text);
  return files;
}

/** Writes files into a folder. */
export function writeFiles(folder: string, files: ReadonlyMap<string, string>): void {
  for (const [path, text] of files) {
    const target = join(folder, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
  }
}

function* textsOf(folder: string): Generator<[path: string, text: string]> {
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const parent = relative(folder, entry.parentPath).replaceAll("\\", "/");
    const name = REAL_NAMES[entry.name] ?? entry.name;
    yield [
      parent === "" ? name : `${parent}/${name}`,
      readFileSync(join(entry.parentPath, entry.name), "utf8"),
    ];
  }
}

function filledIn(text: string, { name, template, packageManager }: Project): string {
  return text
    .replaceAll("PROJECT_NAME", name)
    .replaceAll("PARTY_CLASS", template.party)
    .replaceAll("PARTY_NAME", template.name)
    .replaceAll("RUN_SCRIPT", `${packageManager.name} run`);
}

function manifestOf({ name, framework }: Project): object {
  const isReact = framework === "react";
  return {
    name,
    private: true,
    type: "module",
    scripts: {
      dev: "vite",
      build: "vite build",
      preview: "vite preview",
      check: "tsc -p src/page && tsc -p src/worker",
      test: "vitest run",
      deploy: "vite build && wrangler deploy",
    },
    dependencies: {
      ...ownVersions("@partyflare/client", "@partyflare/shared", "partyflare"),
      ...(isReact && triedVersions("react", "react-dom")),
      ...triedVersions("zod"),
    },
    devDependencies: {
      ...triedVersions("@cloudflare/vite-plugin", "@cloudflare/vitest-plugin"),
      ...triedVersions("@cloudflare/workers-types"),
      ...(isReact && triedVersions("@types/react", "@types/react-dom", "@vitejs/plugin-react")),
      ...triedVersions("typescript", "vite", "vitest", "wrangler"),
    },
    engines: { node: `>=${NODE_OF_PROJECTS}` },
  };
}

/** All of our packages have one version. */
function ownVersions(...names: string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, `^${version}`]));
}

/** The versions with which this package's tests try each template, and newer ones. */
function triedVersions(...names: (keyof typeof devDependencies)[]): Record<string, string> {
  return Object.fromEntries(
    names.map((name) => [name, `^${devDependencies[name].replace(/^\^/, "")}`]),
  );
}
