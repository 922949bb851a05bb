import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, type BuildOptions, type Metafile, type Plugin } from "esbuild";
import { partysocket } from "../../scripts/partysocket.mjs";

/** What a page or a Worker would download of some imports. */
export interface BundleSize {
  readonly minifiedBytes: number;
  readonly gzippedBytes: number;
}

const BENCH = fileURLToPath(new URL("..", import.meta.url));
const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));

/** What the app, or the platform, has anyway. */
const EXTERNAL = ["react", "react/*", "cloudflare:*", "node:*"];

const SOURCES: Record<string, string> = {
  partyflare: "packages/server/src/index.ts",
  "@partyflare/client": "packages/client/src/index.ts",
  "@partyflare/shared": "packages/shared/src/index.ts",
  "@partyflare/shared/internal": "packages/shared/src/internal.ts",
};

/**
 * Bundles as an app's bundler does: without what is not used, minified, and gzipped as well as can be.
 *
 * @param code such as `export { connect } from "@partyflare/client"`: packages as they are shipped.
 */
export async function bundleSize(code: string): Promise<BundleSize> {
  const { outputFiles } = await build(optionsFor(code));
  const contents = outputFiles[0]?.contents ?? new Uint8Array();
  return {
    minifiedBytes: contents.byteLength,
    gzippedBytes: gzipSync(contents, { level: 9 }).byteLength,
  };
}

/**
 * The minified bytes of each module, the largest first. Our packages are taken from their sources
 * here, since what is shipped is one file each. Of partysocket it is the part that the client bundles.
 */
export async function bytesByModule(code: string): Promise<[module: string, bytes: number][]> {
  const { metafile } = await build({ ...optionsFor(code), plugins: [fromSource, partysocket] });
  return Object.entries(inputsOf(metafile))
    .map(([path, { bytesInOutput }]): [string, number] => [moduleName(path), bytesInOutput])
    .filter(([, bytes]) => bytes > 0)
    .toSorted(([, a], [, b]) => b - a);
}

function optionsFor(code: string) {
  return {
    stdin: { contents: code, resolveDir: BENCH },
    absWorkingDir: REPOSITORY,
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    platform: "neutral",
    mainFields: ["module", "main"],
    conditions: ["browser", "import"],
    external: EXTERNAL,
    metafile: true,
    write: false,
    logLevel: "silent",
  } satisfies BuildOptions;
}

const fromSource: Plugin = {
  name: "from-source",
  setup(build) {
    build.onResolve(
      { filter: /^(partyflare|@partyflare\/(client|shared|shared\/internal))$/ },
      ({ path }) => ({
        path: `${REPOSITORY}${SOURCES[path]}`,
        sideEffects: false,
      }),
    );
  },
};

function inputsOf({ outputs }: Metafile): Metafile["outputs"][string]["inputs"] {
  return Object.values(outputs)[0]?.inputs ?? {};
}

/** `packages/client/src/room/room.ts` is `client/room.ts`; what others wrote is named by its package. */
function moduleName(path: string): string {
  const [, installed] = /.*node_modules\/(.*)/.exec(path) ?? [];
  if (installed !== undefined) return installed;
  return relative("packages", path).replaceAll("\\", "/").replace("/src/", "/");
}
