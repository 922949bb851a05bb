import { expect, type Page, test } from "@playwright/test";
import { failOnComplaints } from "./support/complaints";
import { uniqueRoom } from "./support/person";

// A page of its own with `usePartySocket` under StrictMode: see e2e/fixture.
test.use({ baseURL: `http://127.0.0.1:${process.env.PARTYFLARE_FIXTURE_PORT}` });

failOnComplaints();

for (const party of ["hibernating", "in-memory"]) {
  test.describe(`usePartySocket in a room that is ${party}`, () => {
    /** How many connections the room has had since ever, and has now. */
    const countOf = async (page: Page, room: string): Promise<{ ever: number; now: number }> =>
      (await page.request.get(`/parties/${party}/${encodeURIComponent(room)}`)).json();

    const enter = (page: Page, room: string) =>
      page.goto(`/?party=${party}&room=${encodeURIComponent(room)}`);

    test("connects once under StrictMode, and messages go round", async ({ page }) => {
      const room = uniqueRoom("once");
      await enter(page, room);
      await expect(page.locator("html")).toHaveAttribute("data-effect-runs", "2");
      await say(page, "hello");
      await expect(lines(page)).toHaveText(["open", `${room}: hello (render 0)`]);
      expect(await countOf(page, room)).toEqual({ ever: 1, now: 1 });
    });

    test("keeps its socket from render to render, and calls the latest handler", async ({
      page,
    }) => {
      const room = uniqueRoom("renders");
      await enter(page, room);
      await say(page, "one");
      await expect(lines(page)).toHaveText(["open", `${room}: one (render 0)`]);
      await page.getByRole("button", { name: "Render again" }).click();
      await page.getByRole("button", { name: "Render again" }).click();
      await say(page, "two");
      await expect(lines(page).last()).toHaveText(`${room}: two (render 2)`);
      await page.getByRole("button", { name: "Count sockets" }).click();
      await expect(lines(page).last()).toHaveText("sockets 1");
      expect(await countOf(page, room)).toEqual({ ever: 1, now: 1 });
    });

    test("leaves the old room when the room changes, and enters the new one", async ({ page }) => {
      const [first, second] = [uniqueRoom("first"), uniqueRoom("second")];
      await enter(page, first);
      await expect(lines(page)).toHaveText(["open"]);
      await page.getByLabel("Room").fill(second);
      await expect(lines(page)).toHaveText(["open", "close 1000", "open"]);
      await say(page, "hello");
      await expect(lines(page).last()).toHaveText(`${second}: hello (render 0)`);
      await expect.poll(() => countOf(page, first)).toEqual({ ever: 1, now: 0 });
      expect(await countOf(page, second)).toEqual({ ever: 1, now: 1 });
    });

    test("closes when it is unmounted, and connects anew when it is mounted", async ({ page }) => {
      const room = uniqueRoom("unmount");
      await enter(page, room);
      await expect(lines(page)).toHaveText(["open"]);
      await page.getByLabel("Mounted").uncheck();
      await expect.poll(() => countOf(page, room)).toEqual({ ever: 1, now: 0 });
      await page.getByLabel("Mounted").check();
      await expect(lines(page)).toHaveText(["open"]);
      expect(await countOf(page, room)).toEqual({ ever: 2, now: 1 });
    });

    test("is connected only while it is enabled", async ({ page }) => {
      const room = uniqueRoom("enabled");
      await enter(page, room);
      await expect(lines(page)).toHaveText(["open"]);
      await page.getByLabel("Enabled").uncheck();
      await expect(lines(page)).toHaveText(["open", "close 1000"]);
      await expect.poll(() => countOf(page, room)).toEqual({ ever: 1, now: 0 });
      await page.getByLabel("Enabled").check();
      await expect(lines(page)).toHaveText(["open", "close 1000", "open"]);
      expect(await countOf(page, room)).toEqual({ ever: 2, now: 1 });
    });

    test("reaches a room whatever its name is", async ({ page }) => {
      const room = uniqueRoom("a/b?c#d %2F \\ + café 🎈");
      await enter(page, room);
      await say(page, "hello");
      await expect(lines(page).last()).toHaveText(`${room}: hello (render 0)`);
      expect(await countOf(page, room)).toEqual({ ever: 1, now: 1 });
    });
  });
}

/** The log of what the socket has told of. */
function lines(page: Page) {
  return page.getByRole("list", { name: "Log" }).getByRole("listitem");
}

async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel("Message").fill(text);
  await page.getByRole("button", { name: "Send" }).click();
}
