import type { Page } from "@playwright/test";
import { expect, test } from "./support/people";
import { uniqueRoom } from "./support/person";

/** More presses of Tab than the page has stops: it goes round. */
const MOST_STOPS = 30;

test("everything can be done without a pointer", async ({ people }) => {
  const room = uniqueRoom("keyboard");
  const grace = await people.join(room, "Grace");
  const ada = await people.join(room, "Ada");
  const { page } = ada;

  await tabTo(page, "Message");
  await page.keyboard.type("Typed");
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.type("by hand");
  await page.keyboard.press("Enter");
  await expect(grace.log.locator("article p")).toHaveText("Typed\nby hand", {
    useInnerText: true,
  });
  await expect(ada.composer).toBeFocused();

  await tabTo(page, "Change name");
  await page.keyboard.press("Enter");
  await expect(page.getByLabel("Your name")).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("button", { name: "Change name" })).toBeFocused();
  await page.keyboard.press("Enter");
  await page.keyboard.type("Lovelace");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: "Change name" })).toBeFocused();
  await expect(grace.people).toHaveText([/Grace/, /Lovelace/]);

  const elsewhere = uniqueRoom("elsewhere");
  await tabTo(page, "Go to another room, or make one");
  await page.keyboard.type(elsewhere);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: `Room ${elsewhere}` })).toBeFocused();
  await tabTo(page, room);
  await page.keyboard.press("Enter");
  await ada.sees("Typed by hand");
});

test("on a phone, the panel opens, closes, and gives the focus back", async ({ people }) => {
  const room = uniqueRoom("dialog");
  const viewport = { width: 390, height: 844 };
  const { page } = await people.join(room, "Ada", { viewport });

  await tabTo(page, "People and rooms, 1 here");
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "People and rooms" });
  await expect(dialog).toBeVisible();
  await expect(dialog.getByRole("button", { name: "Close" })).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(page.getByRole("button", { name: "People and rooms, 1 here" })).toBeFocused();
});

test("whatever has the focus shows it", async ({ people }) => {
  const { page } = await people.join(uniqueRoom("focus"), "Ada");
  const outlines = new Set<string>();
  for (let stop = 0; stop < MOST_STOPS; stop += 1) {
    await page.keyboard.press("Tab");
    outlines.add(
      await page.evaluate(() => {
        const { activeElement } = document;
        if (!activeElement || activeElement === document.body) return "2px solid";
        const { outlineWidth, outlineStyle } = getComputedStyle(activeElement);
        return `${outlineWidth} ${outlineStyle}`;
      }),
    );
  }
  expect([...outlines]).toEqual(["2px solid"]);
});

/** Presses Tab until the focus is on what a screen reader would call so. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let stop = 0; stop < MOST_STOPS; stop += 1) {
    await page.keyboard.press("Tab");
    const focused = page.locator(":focus");
    if ((await focused.count()) === 0) continue;
    const target = page.getByRole("button", { name, exact: true });
    const isThere = await focused
      .and(target.or(page.getByLabel(name, { exact: true })).or(page.getByRole("link", { name })))
      .count();
    if (isThere > 0) return;
  }
  throw new Error(`Tab does not lead to “${name}”.`);
}
