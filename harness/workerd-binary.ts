import { createRequire } from "node:module";

/** A workerd to run. */
export interface WorkerdBinary {
  readonly path: string;
  /** Of its package; "chosen" where it was named by the environment. */
  readonly version: string;
}

/**
 * The workerd that a package depends on, by itself or through others: the fault runs have the
 * newest, which is nearest to production, and the benchmarks the one that users have by wrangler.
 *
 * @param from `import.meta.url` of a module of that package.
 * @param through the packages on the way there, if any: `["wrangler", "miniflare"]`.
 * @returns what `MINIFLARE_WORKERD_PATH` names, as for wrangler itself, where it is set.
 */
export function workerdBinary(from: string, through: readonly string[] = []): WorkerdBinary {
  const { MINIFLARE_WORKERD_PATH: chosen } = process.env;
  if (chosen !== undefined) return { path: chosen, version: "chosen" };
  const holder = through.reduce((path, name) => createRequire(path).resolve(name), from);
  // The package has no types.
  const workerd = createRequire(holder)("workerd") as { default: string; version: string };
  return { path: workerd.default, version: workerd.version };
}
