import type { Page } from "@playwright/test";
import { axeFor, COLORS, violationsOf } from "./support/axe";
import { expect, test } from "./support/people";
import { uniqueRoom } from "./support/person";

const PHONE = { width: 390, height: 844 };

for (const colorScheme of ["light", "dark"] as const) {
  const rules = colorScheme === "dark" ? COLORS : undefined;

  test(`axe finds nothing in a conversation, ${colorScheme}`, async ({ people }) => {
    const room = uniqueRoom("axe");
    // Nothing is judged while its colour is still changing.
    const ada = await people.join(room, "Ada", { colorScheme, reducedMotion: "reduce" });
    await expectNoViolations(ada.page, rules);

    const grace = await people.join(room, "Grace", { colorScheme });
    await grace.say("Hello");
    await ada.say("Hello yourself");
    await ada.say("See https://example.com/");
    await grace.say("And https://example.org/");
    await ada.sees("And https://example.org/");
    await ada.sees("Hello");
    await grace.sees("Hello yourself");
    await ada.composer.fill("Not sent yet");
    await expectNoViolations(ada.page, rules);

    await ada.page.getByRole("button", { name: "Change name" }).click();
    await ada.page.getByLabel("Go to another room, or make one").fill("..");
    await ada.page.getByRole("button", { name: "Go", exact: true }).click();
    await expect(ada.page.getByRole("alert")).toContainText("A room’s name");
    await expectNoViolations(ada.page, rules);
  });

  test(`axe finds nothing on a phone, ${colorScheme}`, async ({ people }) => {
    const { page } = await people.join(uniqueRoom("axe"), "Ada", {
      colorScheme,
      viewport: PHONE,
      // Nor while it is still sliding in.
      reducedMotion: "reduce",
    });
    await expectNoViolations(page, rules);
    await page.getByRole("button", { name: "Break the connection" }).click();
    await expectNoViolations(page, rules);
    await page.getByRole("button", { name: /here$/ }).click();
    await expect(page.getByRole("dialog")).toBeVisible();
    await expectNoViolations(page, rules);
  });
}

for (const colorScheme of ["light", "dark"] as const) {
  test(`the Send that cannot be pressed is legible, ${colorScheme}`, async ({ people }) => {
    const { page } = await people.join(uniqueRoom("send"), "Ada", {
      colorScheme,
      reducedMotion: "reduce",
    });
    const send = page.getByRole("button", { name: "Send", exact: true });
    await expect(send).toBeDisabled();
    // WCAG exempts what is disabled, so axe skips it: it is shown a text that looks the same.
    await send.evaluate((button) => {
      const { color, backgroundColor, fontSize, fontWeight } = getComputedStyle(button);
      const text = document.createElement("p");
      text.id = "looks-like-send";
      text.textContent = "Send";
      Object.assign(text.style, { color, backgroundColor, fontSize, fontWeight });
      document.querySelector("main")?.append(text);
    });
    const builder = axeFor(page).include("#looks-like-send").withRules(COLORS);
    const { passes, violations } = await builder.analyze();
    expect(violations).toEqual([]);
    expect(passes.map(({ id }) => id)).toEqual(COLORS);
    const line = await send.evaluate((button) => getComputedStyle(button).borderTopStyle);
    expect(line, "its outline").toBe("solid");
  });
}

test("on a phone, whatever can be touched measures at least 44 by 44 pixels", async ({
  people,
}) => {
  const { page } = await people.join(uniqueRoom("touch"), "Ada", { viewport: PHONE });
  await page.getByRole("button", { name: "Break the connection" }).click();
  await page.getByRole("button", { name: /here$/ }).click();
  for (const role of ["button", "link", "textbox"] as const) {
    // The page behind an open dialog is out of reach for roles, but not for fingers after closing.
    for (const target of await page.getByRole(role, { includeHidden: true }).all()) {
      const { width = 0, height = 0 } = (await target.boundingBox()) ?? {};
      expect(Math.min(width, height), await target.innerText()).toBeGreaterThanOrEqual(44);
    }
  }
});

test("messages and the connection's changes are announced", async ({ people }) => {
  const { log, status } = await people.join(uniqueRoom("announced"), "Ada");
  await expect(log).toHaveAttribute("aria-live", "polite");
  await expect(log).toHaveAttribute("aria-busy", "false");
  await expect(status).toHaveText("Connected");
});

async function expectNoViolations(page: Page, rules?: string[]): Promise<void> {
  expect(await violationsOf(page, rules)).toEqual([]);
}
