import { createRequire } from "node:module";

/** A workerd binary. */
export interface WorkerdBinary {
  readonly path: string;
  /** The version of its package; "chosen" if the environment names the binary. */
  readonly version: string;
}

/**
 * Returns the workerd that a package depends on, directly or through others. The fault runs use the
 * newest, which is nearest to production. The benchmarks use the one that users get with wrangler.
 *
 * @param from `import.meta.url` of a module of that package.
 * @param through the packages on the way there, if any: `["wrangler", "miniflare"]`.
 * @returns the binary of `MINIFLARE_WORKERD_PATH`, if that is set, as in wrangler itself.
 */
export function workerdBinary(from: string, through: readonly string[] = []): WorkerdBinary {
  const { MINIFLARE_WORKERD_PATH: chosen } = process.env;
  if (chosen !== undefined) return { path: chosen, version: "chosen" };
  const holder = through.reduce((path, name) => createRequire(path).resolve(name), from);
  // The package has no types.
  const workerd = createRequire(holder)("workerd") as { default: string; version: string };
  return { path: workerd.default, version: workerd.version };
}
