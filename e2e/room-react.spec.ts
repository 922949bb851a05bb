import { expect, type Page, test } from "@playwright/test";
import { failOnComplaints } from "./support/complaints";
import { uniqueRoom } from "./support/person";

// A page of its own with `useRoom` and its hooks under StrictMode: see e2e/fixture.
test.use({ baseURL: `http://127.0.0.1:${process.env.PARTYFLARE_FIXTURE_PORT}` });

failOnComplaints();

test.describe("useRoom, under StrictMode", () => {
  test(
    "opens one socket for two components, and messages go round",
    { tag: "@promise" },
    async ({ page }) => {
      const room = uniqueRoom("shared");
      await enter(page, room);
      await say(page, "First", "hello");
      await expect(log(page, "First")).toHaveText(["hello (render 0)"]);
      await expect(log(page, "Second")).toHaveText(["hello (render 0)"]);
      expect(await countOf(page, room)).toEqual({ ever: 1, now: 1 });
    },
  );

  test("stays open while one component uses it, and closes when the last has gone", async ({
    page,
  }) => {
    const room = uniqueRoom("leave");
    await enter(page, room);
    await page.getByLabel("Second shown").uncheck();
    await graceIsOver(page);
    await say(page, "First", "still here");
    await expect(log(page, "First")).toHaveText(["still here (render 0)"]);
    expect(await countOf(page, room)).toEqual({ ever: 1, now: 1 });
    await page.getByRole("button", { name: "Page 0" }).click();
    await expect.poll(() => countOf(page, room)).toEqual({ ever: 1, now: 0 });
    await page.getByRole("button", { name: "Page 1" }).click();
    await expect(statuses(page, "First")).toContainText(["open"]);
    expect(await countOf(page, room)).toEqual({ ever: 2, now: 1 });
  });

  test("keeps its socket from one page to the next", { tag: "@promise" }, async ({ page }) => {
    const room = uniqueRoom("route");
    await enter(page, room);
    await page.getByRole("button", { name: "Page 2" }).click();
    await expect(statuses(page, "First")).toHaveText(["open"]);
    // In one breath: within the time for which a room without a component is kept.
    await page.getByRole("button", { name: "Page 0" }).evaluate(async (button) => {
      const [first, next] = [button, button.nextElementSibling] as HTMLElement[];
      first?.click();
      while (document.querySelector("section")) {
        await new Promise((resolve) => setTimeout(resolve));
      }
      next?.click();
    });
    await say(page, "Second", "hello");
    await expect(log(page, "First")).toHaveText(["hello (render 0)"]);
    await graceIsOver(page);
    expect(await countOf(page, room)).toEqual({ ever: 1, now: 1 });
  });

  test("leaves the old room when the room changes, and enters the new one", async ({ page }) => {
    const [first, second] = [uniqueRoom("first"), uniqueRoom("second")];
    await enter(page, first);
    await page.getByLabel("Room").fill(second);
    await expect.poll(() => countOf(page, second)).toEqual({ ever: 1, now: 1 });
    await say(page, "First", "hello");
    await expect(log(page, "Second")).toHaveText(["hello (render 0)"]);
    await expect.poll(() => countOf(page, first)).toEqual({ ever: 1, now: 0 });
  });
});

test("useEvent calls the latest render's handler", async ({ page }) => {
  const room = uniqueRoom("latest");
  await enter(page, room);
  await say(page, "First", "one");
  await expect(log(page, "First")).toHaveText(["one (render 0)"]);
  await page.getByRole("button", { name: "Render again" }).click();
  await page.getByRole("button", { name: "Render again" }).click();
  await say(page, "First", "two");
  await expect(log(page, "First")).toHaveText(["one (render 0)", "two (render 2)"]);
  expect(await countOf(page, room)).toEqual({ ever: 1, now: 1 });
});

test("useCall shows that it is pending, its data and its error", async ({ page }) => {
  const room = uniqueRoom("call");
  await enter(page, room);
  const first = page.getByRole("region", { name: "First" });
  const half = first.getByRole("status", { name: "Half" });
  await expect(half).toHaveText("");
  await first.getByRole("button", { name: "Half of 8" }).click();
  await expect(half).toHaveText("4");
  await first.getByRole("button", { name: "Half of 7" }).click();
  await expect(half).toHaveText("4 odd, rest 1");
  await first.getByRole("button", { name: "Forget" }).click();
  await expect(half).toHaveText("");

  const waiting = first.getByRole("status", { name: "Waiting" });
  await first.getByRole("button", { name: "Wait" }).click();
  await expect(waiting).toHaveText("pending");
  await expect
    .poll(async () => {
      await page.request.post(pathOf(room), { data: "done" });
      return waiting.textContent();
    })
    .toBe("done");
});

test("useStatus follows the connection to its final close, and back", async ({ page }) => {
  const room = uniqueRoom("status");
  await enter(page, room);
  const first = page.getByRole("region", { name: "First" });
  await first.getByRole("button", { name: "Be sent away" }).click();
  await expect(statuses(page, "First").last()).toHaveText("open");
  await expect.poll(() => countOf(page, room)).toEqual({ ever: 2, now: 1 });
  await first.getByRole("button", { name: "Be dismissed" }).click();
  await expect(statuses(page, "First").last()).toHaveText("closed unauthorized");
  await first.getByRole("button", { name: "Come back" }).click();
  await expect(statuses(page, "First").last()).toHaveText("open");
  const told = await statuses(page, "First").allTextContents();
  const sentAway = "connecting, open, waiting, connecting, open";
  const dismissed = "closed unauthorized, connecting, open";
  expect(told.join(", ")).toBe(`${sentAway}, ${dismissed}`);
  expect(await countOf(page, room)).toEqual({ ever: 3, now: 1 });
});

test("a room that is closed from elsewhere is left at once", async ({ page }) => {
  const room = uniqueRoom("banned");
  // The page never hears of the closing handshake, for which a browser waits about 2 s: `$close` is
  // all that it has.
  await page.routeWebSocket(/\/parties\//, (socket) => {
    socket.connectToServer().onClose(() => {});
  });
  await enter(page, room);
  await page.request.delete(pathOf(room));
  await expect(statuses(page, "First").last()).toHaveText("closed banned");
});

const pathOf = (room: string) => `/parties/typed/${encodeURIComponent(room)}`;

/** How many connections the room has had since ever, and has now. */
async function countOf(page: Page, room: string): Promise<{ ever: number; now: number }> {
  return (await page.request.get(pathOf(room))).json();
}

/** Waits until a room has been closed that was left just now: one left before would be closed too. */
async function graceIsOver(page: Page): Promise<void> {
  const witness = await page.context().newPage();
  const room = uniqueRoom("witness");
  await enter(witness, room);
  await witness.getByRole("button", { name: "Page 0" }).click();
  await expect.poll(() => countOf(witness, room)).toEqual({ ever: 1, now: 0 });
  await witness.close();
}

async function enter(page: Page, room: string): Promise<void> {
  await page.goto(`/typed?room=${encodeURIComponent(room)}`);
  await expect(statuses(page, "First").last()).toHaveText("open");
}

function log(page: Page, label: string) {
  return listOf(page, label, "Log");
}

function statuses(page: Page, label: string) {
  return listOf(page, label, "Statuses");
}

function listOf(page: Page, label: string, name: string) {
  const region = page.getByRole("region", { name: label });
  return region.getByRole("list", { name }).getByRole("listitem");
}

async function say(page: Page, label: string, text: string): Promise<void> {
  const region = page.getByRole("region", { name: label });
  await region.getByLabel("Message").fill(text);
  await region.getByRole("button", { name: "Send" }).click();
}
