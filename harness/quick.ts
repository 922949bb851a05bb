/**
 * Whether this is the quick run. `scripts/test.mjs` sets the variable. Vitest without it, as in
 * `pnpm exec vitest`, runs every file.
 */
const IS_QUICK = process.env.PARTYFLARE_TEST === "quick";

/**
 * The client's tests that the quick run keeps in workerd and in happy-dom: what differs most there
 * is the WebSocket and its events. In Node, it runs them all.
 */
const CLIENT_SMOKE = ["src/room/room.test.ts", "src/socket/*.test.ts"];

/**
 * The tests of documentation that the quick run leaves to `test:all`, since they take longest.
 *
 * - `recipe-tools` runs a reader's tools: wrangler, tsc, Vitest and Vite. The test of getting started
 *   runs each of them once.
 * - `consumer` compiles our packages with every library checked. The README's test does so as well.
 * - `test-kit` runs the test kit with both names of Cloudflare's plugin. The server's tests run it with
 *   one of them.
 */
const SLOW_DOCS = ["test/recipe-tools.test.ts", "test/consumer.test.ts", "test/test-kit.test.ts"];

/** Vitest's `include` for the client's suite on a second platform. */
export const includedOnSecondPlatform = IS_QUICK ? CLIENT_SMOKE : ["src/**/*.test.{ts,tsx}"];

/** Vitest's `exclude` for the tests of documentation. */
export const excludedDocs = IS_QUICK ? SLOW_DOCS : [];

/**
 * The starter's test that the quick run leaves to `test:all`: it creates every template, and checks,
 * builds and drives it.
 */
const SLOW_STARTER = ["test/templates.test.ts"];

/** Vitest's `exclude` for the tests of the starter. */
export const excludedStarter = IS_QUICK ? SLOW_STARTER : [];
