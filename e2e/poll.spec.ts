import type { Locator, Page } from "@playwright/test";
import { violationsOf } from "./support/axe";
import { attachScreenshot, VIEWPORTS } from "./support/looks";
import { expect, test } from "./support/own-server";
import type { People } from "./support/people";
import { type Person, uniqueRoom } from "./support/person";

async function open(people: People, room: string, name: string, options = {}): Promise<Person> {
  const person = await people.invite(name, options);
  await person.page.goto(`/poll/${room}`);
  await person.isConnected();
  await expect(total(person.page)).toContainText(/votes?/);
  return person;
}

function option(page: Page, name: string): Locator {
  return page.getByRole("list", { name: "Options" }).getByRole("button", { name });
}

function total(page: Page): Locator {
  return page.locator(".poll-total");
}

/** Votes, and waits until the page shows the vote. */
async function vote(page: Page, name: string): Promise<void> {
  await option(page, name).click();
  await expect(option(page, name)).toHaveAttribute("aria-pressed", "true");
}

/** Ends the wait for the next attempt, as a network that is back does. */
async function retryNow(page: Page): Promise<void> {
  await page.evaluate(() => dispatchEvent(new Event("online")));
}

test("a browser has one vote in all its tabs, and everyone sees the votes live", async ({
  people,
}) => {
  const room = uniqueRoom("votes");
  const ada = await open(people, room, "Ada");
  const grace = await people.invite("Grace");
  const frames: string[] = [];
  grace.page.on("websocket", (socket) =>
    socket.on("framereceived", ({ payload }) => frames.push(String(payload))),
  );
  await grace.page.goto(`/poll/${room}`);
  await expect(grace.page.getByText("Nobody has voted yet.")).toBeVisible();

  await vote(ada.page, "Pizza");
  await expect(option(grace.page, "Pizza")).toHaveAccessibleName(/^Pizza 1 vote, 100 %$/);
  await expect(option(grace.page, "Pizza")).toHaveAttribute("aria-pressed", "false");
  const second = await ada.page.context().newPage();
  await second.goto(ada.page.url());
  await expect(option(second, "Pizza")).toHaveAttribute("aria-pressed", "true");
  await vote(second, "Sushi");
  await expect(option(ada.page, "Sushi")).toHaveAttribute("aria-pressed", "true");
  await expect(option(grace.page, "Sushi")).toHaveAccessibleName(/^Sushi 1 vote, 100 %$/);
  await expect(total(grace.page)).toHaveText("1 vote");
  expect(
    frames.filter((frame) => frame.includes('["votes","')),
    "single votes of others",
  ).toEqual([]);

  await vote(grace.page, "Sushi");
  await expect(option(ada.page, "Sushi")).toHaveAccessibleName(/^Sushi 2 votes, 100 %$/);
  await ada.page.reload();
  await expect(option(ada.page, "Sushi")).toHaveAttribute("aria-pressed", "true");
  await expect(total(ada.page)).toHaveText("2 votes");
});

test("only the first browser closes the poll, and a vote that comes too late is refused", async ({
  people,
}) => {
  const room = uniqueRoom("closes");
  const ada = await open(people, room, "Ada");
  const grace = await people.invite("Grace");
  // Grace's network delivers nothing for a while.
  const held: (() => void)[] = [];
  let isHeld = false;
  await grace.page.routeWebSocket(/\/parties\/poll\//, (page) => {
    const server = page.connectToServer();
    server.onMessage((message) => {
      if (isHeld) held.push(() => page.send(message));
      else page.send(message);
    });
  });
  await grace.page.goto(`/poll/${room}`);
  await vote(grace.page, "Tacos");
  await expect(option(ada.page, "Tacos")).toHaveAccessibleName(/1 vote/);
  await expect(grace.page.getByRole("button", { name: "Close the poll" })).toHaveCount(0);

  isHeld = true;
  await ada.page.getByRole("button", { name: "Close the poll" }).click();
  await expect(ada.page.getByText("The poll is closed. Tacos has won.")).toBeVisible();
  await expect.poll(() => held.length).toBeGreaterThan(0);
  // She sees her vote at once, and it is taken back.
  await vote(grace.page, "Salad");
  isHeld = false;
  for (const deliver of held.splice(0)) deliver();
  await expect(grace.page.getByRole("alert")).toHaveText("Not counted: The poll is closed.");
  await expect(option(grace.page, "Tacos")).toHaveAttribute("aria-pressed", "true");
  await expect(option(grace.page, "Salad")).toHaveAttribute("aria-disabled", "true");

  await ada.page.getByRole("button", { name: "Reopen the poll" }).click();
  await expect(option(grace.page, "Salad")).toHaveAttribute("aria-disabled", "false");
  await vote(grace.page, "Salad");
  await expect(option(ada.page, "Salad")).toHaveAccessibleName(/1 vote/);
  await expect(option(ada.page, "Tacos")).toHaveAccessibleName(/0 votes/);
});

test(
  "results survive a killed server, and a vote without a connection is sent later",
  { tag: "@promise" },
  async ({ people, server }) => {
    people.expected = /WebSocket connection to .* failed/;
    const room = uniqueRoom("killed");
    const ada = await open(people, room, "Ada", server);
    const grace = await open(people, room, "Grace", server);
    await vote(ada.page, "Pizza");
    await expect(option(grace.page, "Pizza")).toHaveAccessibleName(/1 vote/);

    await server.kill();
    await grace.isReconnecting();
    await expect(total(grace.page)).toHaveText(/^1 vote as of \d/);
    await vote(grace.page, "Sushi");
    await expect(grace.page.getByText("is sent when the connection is back")).toBeVisible();
    await server.start();
    for (const { page } of [ada, grace]) await retryNow(page);
    for (const { page } of [ada, grace]) {
      await expect(option(page, "Sushi")).toHaveAccessibleName(/1 vote/);
      await expect(total(page)).toHaveText("2 votes");
    }
    // The host is who it was.
    await ada.page.getByRole("button", { name: "Close the poll" }).click();
    const tie = grace.page.getByText("The poll is closed. A tie between Pizza and Sushi.");
    await expect(tie).toBeVisible();
  },
);

for (const [device, colorScheme] of [
  ["desktop", "dark"],
  ["phone", "light"],
] as const) {
  test(`the poll fits a ${device}, ${colorScheme}`, async ({ people }, testInfo) => {
    const ada = await open(people, uniqueRoom("look"), "Ada", {
      viewport: VIEWPORTS[device],
      colorScheme,
      reducedMotion: "reduce",
    });
    await vote(ada.page, "Tacos");
    await expect(ada.page.getByText("You have voted for Tacos.")).toBeVisible();
    const width = await ada.page.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBeLessThanOrEqual(VIEWPORTS[device].width);
    expect(await violationsOf(ada.page)).toEqual([]);
    await attachScreenshot(ada, testInfo, `poll-${device}-${colorScheme}`);
  });
}
