import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "@playwright/test";
import { expect, test } from "./support/people";
import { withPalette } from "./support/palette-png";
import type { Person } from "./support/person";

/** Where the pictures go. Without it, playwright.config.ts leaves this file out. */
const FOLDER = process.env.PARTYFLARE_PICTURES ?? "";

/** One of the two windows, in CSS pixels. Both of them fit a README's column. */
const WINDOW = { width: 400, height: 560 };

/** A README is read on a telephone too. */
const MOST_BYTES = 100_000;

/** The machine's own font may be any; this one is free, and as wide as Arial. */
const FONT = ':root { --font: "Liberation Sans", Arial, sans-serif; }';

test("the README’s pictures show one of two tabs cut, and what it has missed", async ({
  people,
  browser,
}) => {
  mkdirSync(FOLDER, { recursive: true });
  const invitation = { viewport: WINDOW, deviceScaleFactor: 2, reducedMotion: "reduce" } as const;
  const grace = await people.invite("Grace", invitation);
  const ada = await people.invite("Ada", invitation);
  for (const [person, key] of [
    [grace, "grace-of-the-pictures"],
    [ada, "ada-of-the-pictures"],
  ] as const) {
    // Their avatars have the colours of their keys: the same in every picture.
    await person.page.addInitScript((text) => localStorage.setItem("partyflare:key", text), key);
    await person.enter("lunch");
    await person.page.addStyleTag({ content: FONT });
  }
  await grace.say("Soup or pizza?");
  await ada.sees("Soup or pizza?");

  await ada.pressInLab("Break the connection");
  await ada.pressInLab(/^Cut it for/);
  await ada.isReconnecting();
  await ada.pressInLab("Break the connection");
  await grace.say("7 to 3 for pizza!");
  await grace.sees("7 to 3 for pizza!");
  await ada.say("I’ll order at noon.");
  await expect(ada.log).toContainText("Waiting for the connection");
  await takePicture(browser, "cut", { ada, grace });

  await ada.isConnected();
  for (const { log } of [ada, grace]) {
    await expect(log.locator("article p")).toHaveText([
      "Soup or pizza?",
      "7 to 3 for pizza!",
      "I’ll order at noon.",
    ]);
    await expect(log.locator("[data-pending]")).toHaveCount(0);
  }
  await takePicture(browser, "reconnected", { ada, grace });
});

/** Both windows beside each other, as one PNG. */
async function takePicture(
  browser: Browser,
  name: string,
  { ada, grace }: { ada: Person; grace: Person },
): Promise<void> {
  const windows = await Promise.all(
    [ada, grace].map(async ({ page }) => {
      // Nobody is writing or pointing.
      await page.mouse.move(0, 0);
      await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
      return (await page.screenshot()).toString("base64");
    }),
  );
  const page = await browser.newPage({
    deviceScaleFactor: 2,
    viewport: { width: 840, height: 640 },
  });
  await page.setContent(`
    <style>
      body { margin: 0; font: 600 14px "Liberation Sans", Arial, sans-serif; color: #665e55; }
      main { display: inline-flex; gap: 16px; }
      figure { margin: 0; border: 1px solid #c9c1b6; border-radius: 10px; overflow: hidden; }
      figcaption { padding: 8px 14px; background: #e9e3da; border-bottom: 1px solid #c9c1b6; }
      img { display: block; width: ${WINDOW.width}px; }
    </style>
    <main>${windows
      .map(
        (window, index) => `<figure>
          <figcaption>${["Ada’s tab", "Grace’s tab"][index]}</figcaption>
          <img src="data:image/png;base64,${window}">
        </figure>`,
      )
      .join("")}
    </main>`);
  const png = await page.locator("main").screenshot({ omitBackground: true });
  const small = await withPalette(page, png);
  await page.close();
  expect(small.length, `bytes of ${name}.png`).toBeLessThanOrEqual(MOST_BYTES);
  writeFileSync(join(FOLDER, `${name}.png`), small);
}
