import { expect, type Page, test } from "@playwright/test";
import type {
  connect as connectFunction,
  session as sessionFunction,
  typed,
} from "./fixture/src/client-types";
import { uniqueRoom } from "./support/person";

declare const connect: typeof connectFunction;
declare const session: typeof sessionFunction;

// Pages with the client as a global, and the party `typed`: see e2e/fixture.
test.use({ baseURL: `http://127.0.0.1:${process.env.PARTYFLARE_FIXTURE_PORT}` });

test("a client that resumes is the same also where its page is busy while it loads", async ({
  page,
}) => {
  const room = uniqueRoom("busy");
  await page.goto("/");
  const ids = new Set([await enter(page, room, 0)]);
  for (const busyMs of [1_500, 1_500, 1_500]) {
    await page.reload();
    ids.add(await enter(page, room, busyMs));
  }
  expect([...ids]).toHaveLength(1);
});

/** Enters a room, keeps the page's thread busy as soon as the client is claimed, and tells its id. */
function enter(page: Page, room: string, busyMs: number): Promise<string> {
  return page.evaluate(
    async ([name, ms]) => {
      const entered = connect<typeof typed>({ party: "typed", room: name, resume: session() });
      const isOpen = new Promise<void>((resolve) => {
        entered.onStatus(({ state }) => state === "open" && resolve());
      });
      for (let turn = 0; turn < 20; turn++) await Promise.resolve();
      const untilMs = performance.now() + ms;
      while (performance.now() < untilMs);
      await isOpen;
      return entered.id;
    },
    [room, busyMs] as const,
  );
}
