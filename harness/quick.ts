import { configDefaults } from "vitest/config";

/**
 * Whether this is the quick run. `scripts/test.mjs` sets the variable. Vitest without it, as in
 * `pnpm exec vitest`, runs every file.
 */
export const IS_QUICK = process.env.PARTYFLARE_TEST === "quick";

/**
 * The client's tests that the quick run keeps in workerd and in happy-dom: what differs most there
 * is the WebSocket and its events. In Node, it runs them all.
 */
const CLIENT_SMOKE = ["src/room/room.test.ts", "src/socket/*.test.ts"];

/**
 * The tests of documentation that the quick run leaves to `test:all`, since they take longest.
 *
 * - `getting-started` and `recipe-tools` run a reader's tools: wrangler, tsc, Vitest and Vite. Their
 *   code is still compiled, and the README's test runs a project.
 * - `recipe-rooms` runs the room of each recipe in a workerd of its own. Their code is still compiled.
 * - `consumer` compiles our packages with every library checked. The README's test does so as well.
 * - `test-kit` runs the test kit with both names of Cloudflare's plugin. The server's tests run it with
 *   one of them.
 * - `packages` reads what npm would publish.
 * - The others run programs of guides and recipes: partyserver's and Socket.IO's, clients in CommonJS
 *   and in Python, an app on another host. Their TypeScript is still compiled.
 */
const SLOW_DOCS = [
  "test/getting-started.test.ts",
  "test/recipe-tools.test.ts",
  "test/recipe-rooms.test.ts",
  "test/consumer.test.ts",
  "test/test-kit.test.ts",
  "test/packages.test.ts",
  "test/migration.test.ts",
  "test/from-socket-io.test.ts",
  "test/commonjs.test.ts",
  "test/other-languages.test.ts",
  "test/recipe-servers.test.ts",
];

/**
 * The server's tests that the quick run leaves to `test:all`: attacks that were found once and stay
 * mended, bounds that take long to reach, and the laws of turns for rooms that hibernate, which rooms
 * in memory hold in the quick run. packages/server/test/rooms.ts leaves out a kind of room as well.
 */
const SLOW_SERVER = [
  "test/attacks/**",
  "src/turn-laws-{asleep,hibernating}.test.ts",
  "src/capabilities/history/rows.test.ts",
  "src/capabilities/once/once-bounds.test.ts",
  "src/capabilities/presence/presence-attacks.test.ts",
  "src/incoming/rate-limit.test.ts",
];

/** The tests of the benchmarks' own tools that start servers. */
const SLOW_BENCH = ["cost/meter.test.ts", "peers/peers.test.ts"];

/** Vitest's `include` for the client's suite on a second platform. */
export const includedOnSecondPlatform = IS_QUICK ? CLIENT_SMOKE : ["src/**/*.test.{ts,tsx}"];

/** Vitest's `exclude`, by project. */
export const excluded = {
  docs: leftOut(SLOW_DOCS),
  server: leftOut(SLOW_SERVER),
  bench: leftOut(SLOW_BENCH),
};

function leftOut(files: string[]): string[] {
  return [...configDefaults.exclude, ...(IS_QUICK ? files : [])];
}
