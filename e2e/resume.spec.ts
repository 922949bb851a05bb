import { expect, type Page, test } from "@playwright/test";
import type {
  connect as connectFunction,
  session as sessionFunction,
  typed,
} from "./fixture/src/client-types";
import { uniqueRoom } from "./support/person";

declare const connect: typeof connectFunction;
declare const session: typeof sessionFunction;

// Pages with the client as a global, and with `resume` in React, and the party `typed`: see e2e/fixture.
test.use({ baseURL: `http://127.0.0.1:${process.env.PARTYFLARE_FIXTURE_PORT}` });

test(
  "a client that resumes is the same after a reload, and is sent what it has missed",
  { tag: "@promise" },
  async ({ page, context }) => {
    const room = uniqueRoom("resume");
    await page.goto("/");
    const first = await enter(page, room);
    await first.evaluate(({ entered }) => entered.emit("note", "one"));
    await expect.poll(() => first.evaluate(({ heard }) => heard)).toEqual(["one"]);
    const id = await first.evaluate(({ entered }) => entered.id);
    await page.reload();

    const other = await context.newPage();
    await other.goto("/");
    const writer = await enter(other, room);
    await writer.evaluate(({ entered }) => entered.emit("note", "two"));
    await expect.poll(() => writer.evaluate(({ heard }) => heard)).toEqual(["two"]);

    const again = await enter(page, room);
    await expect.poll(() => again.evaluate(({ heard }) => heard)).toEqual(["recovered", "two"]);
    expect(await again.evaluate(({ entered }) => entered.id)).toBe(id);
    expect(await writer.evaluate(({ entered }) => entered.id)).not.toBe(id);
  },
);

test("a client that resumes calls on where the page before it has ended", async ({ page }) => {
  const room = uniqueRoom("calls-on");
  await page.goto("/");
  for (const expected of [1, 2, 3]) {
    const here = await enter(page, room);
    expect(await here.evaluate(({ entered }) => entered.call("count"))).toBe(expected);
    await page.reload();
  }
});

test(
  "a call that happens once survives a reload before its answer, and is done once",
  { tag: "@promise" },
  async ({ page, context }) => {
    const room = uniqueRoom("call-reload");
    let hears = true;
    await page.routeWebSocket(/\/parties\//, (socket) => {
      const server = socket.connectToServer();
      server.onMessage((message) => hears && socket.send(message));
    });
    await page.goto("/");
    const first = await enter(page, room);
    hears = false;
    await first.evaluate(({ entered }) => void entered.call("count").catch(() => {}));
    await page.reload();
    hears = true;

    const again = await enter(page, room);
    const answer = again.evaluate(
      async ({ entered }): Promise<unknown> => entered.resumed[0]?.answer,
    );
    expect(await answer).toBe(1);
    const other = await context.newPage();
    await other.goto("/");
    const counter = await enter(other, room);
    expect(await counter.evaluate(({ entered }) => entered.call("count"))).toBe(2);
  },
);

test("what waits for others to be sent with them is sent when the page is left", async ({
  page,
  context,
}) => {
  const room = uniqueRoom("left");
  const other = await context.newPage();
  await other.goto("/");
  const listener = await enter(other, room);
  await page.goto("/");
  await page.evaluate(async (name) => {
    const entered = connect<typeof typed>({ party: "typed", room: name, batchMs: 1_000 });
    await new Promise<void>((resolve) => {
      entered.onStatus(({ state }) => state === "open" && resolve());
    });
    entered.emit("note", "left behind");
    location.reload();
  }, room);
  await expect.poll(() => listener.evaluate(({ heard }) => heard)).toEqual(["left behind"]);
});

test("a tab that was duplicated is a client of its own", { tag: "@promise" }, async ({ page }) => {
  const room = uniqueRoom("duplicate");
  await page.goto(`/notes?room=${room}`);
  await expect(idOf(page)).not.toHaveText("");
  const id = (await idOf(page).textContent()) ?? "";
  await page.evaluate(() => sessionStorage.setItem("whose", "the first tab's"));

  const opening = page.waitForEvent("popup");
  await page.evaluate(() => void open(location.href));
  const duplicate = await opening;
  await expect(idOf(duplicate)).not.toHaveText("");
  const copied = await duplicate.evaluate(() => sessionStorage.getItem("whose"));
  expect(copied, "its sessionStorage is a copy").toBe("the first tab's");
  const another = (await idOf(duplicate).textContent()) ?? "";
  expect(another).not.toBe(id);
  expect(await countOf(page, room)).toEqual({ ever: 2, now: 2 });

  for (const [tab, own] of [
    [page, id],
    [duplicate, another],
  ] as const) {
    await tab.reload();
    await expect(idOf(tab)).toHaveText(own);
  }
  await expect.poll(() => countOf(page, room)).toEqual({ ever: 4, now: 2 });
});

test("a client that resumes is the same also where its page is busy while it loads", async ({
  page,
}) => {
  const room = uniqueRoom("busy");
  await page.goto("/");
  const ids = new Set([await enterBusy(page, room, 0)]);
  for (const busyMs of [1_500, 1_500, 1_500]) {
    await page.reload();
    ids.add(await enterBusy(page, room, busyMs));
  }
  expect([...ids]).toHaveLength(1);
});

/** Enters a room, and listens: to notes, and to whether those that were missed will follow. */
function enter(page: Page, room: string) {
  return page.evaluateHandle(async (name) => {
    const entered = connect<typeof typed>({ party: "typed", room: name, resume: session() });
    const heard: string[] = [];
    entered.onRecovery(({ recovered }) => heard.push(recovered ? "recovered" : "gap"));
    entered.on("noted", (text) => heard.push(text));
    await new Promise<void>((resolve) => {
      entered.onStatus(({ state }) => state === "open" && resolve());
    });
    return { entered, heard };
  }, room);
}

function idOf(page: Page) {
  return page.getByRole("status", { name: "Id" });
}

/** How many connections the room has had since ever, and has now. */
async function countOf(page: Page, room: string): Promise<{ ever: number; now: number }> {
  return (await page.request.get(`/parties/typed/${room}`)).json();
}

/** Enters a room, keeps the page's thread busy as soon as the client is claimed, and tells its id. */
function enterBusy(page: Page, room: string, busyMs: number): Promise<string> {
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
