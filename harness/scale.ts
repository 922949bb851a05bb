import { inject } from "vitest";

declare module "vitest" {
  export interface ProvidedContext {
    /** From vitest.config.ts, because tests inside workerd see no environment variable. */
    scale: number | undefined;
    /** From vitest.config.ts: whether this is the quick run. */
    isQuick: boolean | undefined;
  }
}

/**
 * Returns the number of random cases of a test, at least one. `PARTYFLARE_SCALE` multiplies it:
 * `pnpm test` and `pnpm test:all` have the scale 0.2.
 *
 * @param full the number at scale 1. It is also that of a run in a package's own folder, which has no
 *   scale: without a number, fast-check would run no case, and the test would pass.
 */
export function cases(full: number): number {
  return Math.max(1, Math.round(full * (inject("scale") ?? 1)));
}
