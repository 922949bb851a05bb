import { inject } from "vitest";

declare module "vitest" {
  export interface ProvidedContext {
    /** From vitest.config.ts, since tests inside workerd see no environment variable. */
    scale: number;
  }
}

/**
 * How many random cases a test tries: `PARTYFLARE_SCALE` times so many as `pnpm test:all` does, which
 * is the scale 1. `pnpm test` has 0.2. At least one.
 *
 * @param full how many `pnpm test:all` tries.
 */
export function cases(full: number): number {
  return Math.max(1, Math.round(full * inject("scale")));
}
