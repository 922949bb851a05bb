import { readFileSync } from "node:fs";
import { expectToFit, VIEWPORTS } from "./support/looks";
import { expect, test } from "./support/people";
import { uniqueRoom } from "./support/person";

/** The repository, as the packages name it. */
const SOURCE = sourceOf("../packages/server/package.json");

for (const [device, viewport] of Object.entries(VIEWPORTS)) {
  test(`on a ${device}, the first page tells what partyflare is, and leads to docs and source`, async ({
    people,
  }) => {
    const ada = await people.invite("Ada", { viewport });
    await ada.page.goto("/");
    await ada.isConnected();
    const header = ada.page.getByRole("banner");
    await expect(header.getByText("partyflare", { exact: true })).toBeInViewport({ ratio: 1 });
    const tagline = header.getByText("Typed multiplayer rooms on Cloudflare Durable Objects.");
    await expect(tagline).toBeInViewport({ ratio: 1 });
    const { lines } = await tagline.evaluate((element) => {
      const { lineHeight } = getComputedStyle(element);
      return { lines: element.getBoundingClientRect().height / Number.parseFloat(lineHeight) };
    });
    expect(Math.round(lines), "lines of the sentence").toBe(1);
    const docs = header.getByRole("link", { name: "Docs" });
    await expect(docs).toHaveAttribute("href", `${SOURCE}/tree/main/docs`);
    await expect(docs).toBeInViewport({ ratio: 1 });
    const source = header.getByRole("link", { name: "Source" });
    await expect(source).toHaveAttribute("href", SOURCE);
    await expect(source).toBeInViewport({ ratio: 1 });
    await expectToFit(ada);
  });
}

test("a page that is no room tells what partyflare is, too", async ({ people }) => {
  const ada = await people.invite("Ada");
  await ada.page.goto("/nowhere");
  const header = ada.page.getByRole("banner");
  await expect(header.getByText("partyflare", { exact: true })).toBeVisible();
  await expect(header.getByRole("link", { name: "Source" })).toHaveAttribute("href", SOURCE);
});

test("an empty room's address is copied by a button, where the text tells to share it", async ({
  people,
}) => {
  const room = uniqueRoom("copy");
  const ada = await people.invite("Ada", { permissions: ["clipboard-read", "clipboard-write"] });
  await ada.enter(room);
  await ada.log.getByRole("button", { name: "Copy link" }).click();
  await expect(ada.log).toContainText("Link copied");
  const copied = await ada.page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toBe(ada.page.url());
});

test("where the clipboard is not allowed, the page shows the address to copy by hand", async ({
  people,
}) => {
  const ada = await people.invite("Ada");
  await ada.page.addInitScript(() => {
    Object.defineProperty(navigator, "clipboard", { value: undefined });
  });
  await ada.enter(uniqueRoom("copy"));
  await ada.log.getByRole("button", { name: "Copy link" }).click();
  await expect(ada.log).toContainText(`Copy it by hand: ${ada.page.url()}`);
});

test("an empty room opens in a second tab, which is a client of its own", async ({ people }) => {
  const room = uniqueRoom("second-tab");
  const ada = await people.join(room, "Ada");
  const opened = ada.page.context().waitForEvent("page");
  await ada.log.getByRole("link", { name: "Open a second tab" }).click();
  const second = await opened;
  await expect(second).toHaveURL(ada.page.url());
  await expect(second.getByRole("status")).toHaveText("Connected");
  await ada.isConnected();
  await second.getByRole("textbox", { name: "Message" }).fill("From the second tab");
  await second.keyboard.press("Enter");
  await ada.sees("From the second tab");
  await ada.say("From the first");
  await expect(second.getByText("From the first", { exact: true })).toBeVisible();
});

function sourceOf(file: string): string {
  const text = readFileSync(new URL(file, import.meta.url), "utf8");
  const { repository } = JSON.parse(text) as { repository: { url: string } };
  return repository.url.replace(/^git\+|\.git$/g, "");
}
