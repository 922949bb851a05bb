import { DemoServer } from "./demo-server";
import { test as base } from "./people";

/** The test of `people.ts`, with a server of the test's own beside the one that all share. */
export const test = base.extend<{ server: DemoServer }>({
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads what a fixture needs from here.
  server: async ({}, use) => {
    const server = await DemoServer.create();
    await use(server);
    await server.remove();
  },
});

export { expect } from "./people";
