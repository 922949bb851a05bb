import { expect, type Page, test } from "@playwright/test";
import { failOnComplaints } from "./support/complaints";
import { uniqueRoom } from "./support/person";

// A page of its own with `useHistory` under StrictMode, three notes at a time: see e2e/fixture.
test.use({ baseURL: `http://127.0.0.1:${process.env.PARTYFLARE_FIXTURE_PORT}` });

failOnComplaints();

test(
  "useHistory shows the last page, what comes, and earlier pages when they are asked for",
  { tag: "@promise" },
  async ({ page, context }) => {
    const room = uniqueRoom("history");
    const writer = await context.newPage();
    await enter(writer, room);
    for (let number = 1; number <= 7; number += 1) await note(writer, `note ${number}`);
    await expect(notes(writer)).toHaveText(numbered(1, 7));

    const frames = framesOf(page);
    await enter(page, room);
    await expect(notes(page)).toHaveText(numbered(5, 7));
    await note(writer, "note 8");
    await expect(notes(page)).toHaveText(numbered(5, 8));
    const earlier = page.getByRole("button", { name: "Earlier" });
    await earlier.click();
    await expect(notes(page)).toHaveText(numbered(2, 8));
    await earlier.click();
    await expect(notes(page)).toHaveText(numbered(1, 8));
    await expect(earlier).toHaveCount(0);
    // StrictMode mounts twice, and asks once.
    expect(frames.filter((frame) => frame.includes("$history"))).toHaveLength(3);
  },
);

test("useHistory keeps its list across a reconnect, and asks for nothing anew", async ({
  page,
  context,
}) => {
  const room = uniqueRoom("kept");
  const frames = framesOf(page);
  await enter(page, room);
  for (let number = 1; number <= 5; number += 1) await note(page, `note ${number}`);
  await expect(notes(page)).toHaveText(numbered(1, 5));
  const writer = await context.newPage();
  await enter(writer, room);

  await page.getByRole("button", { name: "Be sent away" }).click();
  await expect(status(page)).toHaveText("waiting");
  await note(writer, "note 6");
  await note(writer, "note 7");
  await expect(notes(writer)).toHaveText(numbered(3, 7));
  await expect(notes(page)).toHaveText(numbered(1, 5));
  await page.getByRole("button", { name: "Come back" }).click();
  await expect(notes(page)).toHaveText(numbered(1, 7));
  await expect(status(page)).toHaveText("open");
  expect(frames.filter((frame) => frame.includes("$history"))).toHaveLength(1);
});

test("useHistory goes with its room, and comes back with its component", async ({ page }) => {
  const [first, second] = [uniqueRoom("first"), uniqueRoom("second")];
  await enter(page, first);
  await note(page, "in the first");
  await expect(notes(page)).toHaveText(["in the first"]);
  await page.getByLabel("Room").fill(second);
  await expect(notes(page)).toHaveCount(0);
  await expect(status(page)).toHaveText("open");
  await note(page, "in the second");
  await expect(notes(page)).toHaveText(["in the second"]);

  await page.getByLabel("Shown").uncheck();
  await note(page, "unseen");
  await page.getByLabel("Shown").check();
  await expect(notes(page)).toHaveText(["in the second", "unseen"]);
});

/** What a page sends from here on. */
function framesOf(page: Page): string[] {
  const frames: string[] = [];
  page.on("websocket", (socket) => {
    socket.on("framesent", ({ payload }) => frames.push(String(payload)));
  });
  return frames;
}

async function enter(page: Page, room: string): Promise<void> {
  await page.goto(`/notes?room=${room}`);
  await expect(status(page)).toHaveText("open");
  await expect(page.locator("section")).toHaveAttribute("aria-busy", "false");
}

async function note(page: Page, text: string): Promise<void> {
  await page.getByLabel("Note", { exact: true }).fill(text);
  await page.getByRole("button", { name: "Write it down" }).click();
  // React empties a form once its action is done.
  await expect(page.getByLabel("Note", { exact: true })).toHaveValue("");
}

function numbered(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => `note ${from + index}`);
}

function notes(page: Page) {
  return page.getByRole("list", { name: "Notes" }).getByRole("listitem");
}

function status(page: Page) {
  return page.getByRole("status", { name: "Status" });
}
