import { readFile } from "node:fs/promises";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";

/** A change of the library's source text: a fault to be planted. */
export interface Patch {
  /** From the repository's root: `packages/server/src/room.ts`. */
  readonly file: string;
  /** What stands there, exactly once. */
  readonly find: string;
  readonly replace: string;
}

/**
 * Which library is under test: as it is shipped (`dist`), or as its source has it, with faults
 * planted in it.
 */
export type Library = "dist" | { readonly patches: readonly Patch[] };

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const SOURCES: Record<string, string> = {
  partyflare: "packages/server/src/index.ts",
  "@partyflare/client": "packages/client/src/index.ts",
  "@partyflare/shared": "packages/shared/src/index.ts",
  "@partyflare/shared/internal": "packages/shared/src/internal.ts",
};

/**
 * Makes one file of a Worker, or of a program for Node, and of the library.
 *
 * @param entry from the folder of the fault runs: `worker/worker.ts`.
 * @throws Error when a patch's text is not found exactly once in a file that is bundled.
 */
export async function bundle(
  entry: string,
  { to, platform, library }: { to: string; platform: "worker" | "node"; library: Library },
): Promise<void> {
  await build({
    absWorkingDir: ROOT,
    entryPoints: [`faults/${entry}`],
    outfile: to,
    bundle: true,
    format: "esm",
    target: "es2022",
    platform: platform === "node" ? "node" : "neutral",
    mainFields: ["module", "main"],
    conditions: platform === "worker" ? ["workerd", "worker"] : [],
    external: ["cloudflare:*", "workerd:*"],
    // Wrangler replaces it too. mutative asks for it, and workerd has no `process`.
    define: platform === "worker" ? { "process.env.NODE_ENV": '"production"' } : {},
    logLevel: "silent",
    plugins: library === "dist" ? [] : [fromSource(library.patches)],
  });
}

function fromSource(patches: readonly Patch[]): Plugin {
  return {
    name: "from-source",
    setup(build) {
      build.onResolve(
        { filter: /^(partyflare|@partyflare\/(client|shared|shared\/internal))$/ },
        ({ path }) => ({
          path: `${ROOT}${SOURCES[path]}`,
          sideEffects: false,
        }),
      );
      build.onLoad({ filter: /packages[\\/]\w+[\\/]src[\\/].*\.ts$/ }, async ({ path }) => {
        const file = relative(ROOT, path).replaceAll("\\", "/");
        const text = await readFile(path, "utf8");
        const contents = patches
          .filter((patch) => patch.file === file)
          .reduce((patched, patch) => applyPatch(patched, patch), text);
        return { contents, loader: "ts" };
      });
    },
  };
}

function applyPatch(text: string, { file, find, replace }: Patch): string {
  const [before, after, ...more] = text.split(find);
  if (before === undefined || after === undefined || more.length > 0) {
    throw new Error(
      `The fault cannot be planted: ${file} does not have this text exactly once:\n${find}`,
    );
  }
  return `${before}${replace}${after}`;
}
