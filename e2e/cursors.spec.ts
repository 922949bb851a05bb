import type { Locator, Page } from "@playwright/test";
import { type Person, uniqueRoom } from "./support/person";
import { expect, type People, test } from "./support/people";

async function paint(people: People, room: string, name: string, options = {}): Promise<Person> {
  const person = await people.invite(name, options);
  await person.page.goto(`/cursors/${room}`);
  await person.isConnected();
  return person;
}

function cursorOf(page: Page, name: string): Locator {
  return page.locator(".cursor").filter({ hasText: name });
}

/** Where a cursor points, as shares of the canvas. */
async function placeOf(page: Page, name: string): Promise<{ x: number; y: number }> {
  const canvas = await page.getByRole("region", { name: "Canvas" }).boundingBox();
  const cursor = await cursorOf(page, name).boundingBox();
  if (!canvas || !cursor) return { x: -1, y: -1 };
  return { x: (cursor.x - canvas.x) / canvas.width, y: (cursor.y - canvas.y) / canvas.height };
}

async function pointAt(page: Page, x: number, y: number): Promise<void> {
  const canvas = await page.getByRole("region", { name: "Canvas" }).boundingBox();
  if (!canvas) throw new Error("There is no canvas.");
  await page.mouse.move(canvas.x + canvas.width * x, canvas.y + canvas.height * y, { steps: 5 });
}

test("a cursor is seen where it points, on a screen of another size", async ({ people }) => {
  const room = uniqueRoom("cursors");
  const ada = await paint(people, room, "Ada");
  const grace = await paint(people, room, "Grace", {
    viewport: { width: 390, height: 844 },
    reducedMotion: "reduce",
  });
  await pointAt(ada.page, 0.25, 0.75);
  await expect.poll(async () => (await placeOf(grace.page, "Ada")).x).toBeCloseTo(0.25, 1);
  await expect.poll(async () => (await placeOf(grace.page, "Ada")).y).toBeCloseTo(0.75, 1);
  await expect(cursorOf(ada.page, "Ada")).toHaveCount(0);
  // Whoever comes later sees it where it is.
  const late = await paint(people, room, "Edsger", { reducedMotion: "reduce" });
  await expect.poll(async () => (await placeOf(late.page, "Ada")).x).toBeCloseTo(0.25, 1);
});

test("a cursor disappears with its pointer, and with its page", async ({ people }) => {
  const room = uniqueRoom("gone");
  const ada = await paint(people, room, "Ada");
  const grace = await paint(people, room, "Grace");
  await pointAt(ada.page, 0.5, 0.5);
  await expect(cursorOf(grace.page, "Ada")).toBeVisible();
  await ada.page.mouse.move(5, 5);
  await expect(cursorOf(grace.page, "Ada")).toHaveCount(0);
  await pointAt(ada.page, 0.5, 0.5);
  await expect(cursorOf(grace.page, "Ada")).toBeVisible();
  await ada.page.context().close();
  await expect(cursorOf(grace.page, "Ada")).toHaveCount(0);
  await expect(grace.page.getByText("1 here")).toBeVisible();
});

test("the page shows how many messages it gets, and how many a naive room would send", async ({
  people,
}) => {
  const room = uniqueRoom("pace");
  const ada = await paint(people, room, "Ada");
  const grace = await paint(people, room, "Grace");
  const numbers = grace.page.getByLabel("Messages a second").locator("dd");
  await expect(numbers).toHaveText(["0 / s", "0 / s"]);
  await expect(async () => {
    for (const x of [0.2, 0.4, 0.6, 0.8]) await pointAt(ada.page, x, 0.5);
    const [messages = 0, naive = 0] = (await numbers.allTextContents()).map(Number.parseFloat);
    expect(naive).toBeGreaterThan(0);
    expect(messages).toBeGreaterThan(0);
  }).toPass();
  await expect(numbers).toHaveText(["0 / s", "0 / s"]);
});

for (const [device, viewport, colorScheme] of [
  ["desktop", { width: 1280, height: 800 }, "dark"],
  ["phone", { width: 390, height: 844 }, "light"],
] as const) {
  test(`the cursors fit a ${device}, ${colorScheme}`, async ({ people }, testInfo) => {
    const room = uniqueRoom("look");
    const ada = await paint(people, room, "Ada", { viewport, colorScheme });
    const grace = await paint(people, room, "Grace Hopper");
    await pointAt(grace.page, 0.4, 0.4);
    await expect(cursorOf(ada.page, "Grace Hopper")).toBeVisible();
    const width = await ada.page.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBeLessThanOrEqual(viewport.width);
    const body = await ada.page.screenshot();
    await testInfo.attach(`cursors-${device}-${colorScheme}`, { body, contentType: "image/png" });
  });
}
