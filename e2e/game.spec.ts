import { randomBytes } from "node:crypto";
import { once } from "node:events";
import type { Locator, Page } from "@playwright/test";
import { violationsOf } from "./support/axe";
import { attachScreenshot, VIEWPORTS } from "./support/looks";
import { expect, test } from "./support/own-server";
import type { People } from "./support/people";
import { type Person, uniqueRoom } from "./support/person";

/** A player, and all that the room has sent to their page. */
interface Player extends Person {
  readonly frames: readonly string[];
}

/** Opens a room's game, and waits until the room has sent it. */
async function open(people: People, room: string, name: string, options = {}): Promise<Player> {
  const person = await people.invite(name, options);
  const frames: string[] = [];
  person.page.on("websocket", (socket) =>
    socket.on("framereceived", ({ payload }) => frames.push(String(payload))),
  );
  await person.page.goto(`/game/${room}`);
  await expect(news(person.page)).toHaveAttribute("aria-busy", "false");
  return Object.assign(person, { frames });
}

/** Opens a room's game, and takes a seat. */
async function sitDown(people: People, room: string, name: string, options = {}): Promise<Player> {
  const player = await open(people, room, name, options);
  await player.page.getByRole("button", { name: "Take a seat" }).click();
  await expect(row(player.page, name)).toContainText("you");
  return player;
}

function news(page: Page): Locator {
  return page.locator(".game-news");
}

/** A player's row. */
function row(page: Page, name: string): Locator {
  return page
    .getByRole("list", { name: "Players" })
    .getByRole("listitem")
    .filter({ hasText: name });
}

function hand(page: Page): Locator {
  return page.getByRole("group", { name: "Your hand" }).getByRole("button");
}

/** The cards of a hand, as frames name them: `10H` is the ten of hearts. */
async function cardsOf(page: Page): Promise<string[]> {
  const names = await hand(page).evaluateAll((buttons) =>
    buttons.map(({ ariaLabel }) => ariaLabel),
  );
  return names.map(
    (name) => name?.replace(/^Play the (\d+) of (\w).*$/, "$1$2").toUpperCase() ?? "",
  );
}

/** The cards of a list that the room has sent to a player, in any frame. */
function seenBy({ frames }: Player, cards: readonly string[]): string[] {
  return cards.filter((card) => frames.some((frame) => frame.includes(`"${card}"`)));
}

/** Plays a card, and returns it. */
async function play(page: Page, index: number): Promise<string> {
  const card = (await cardsOf(page))[index] ?? "";
  await hand(page).nth(index).click();
  return card;
}

/** Ends the wait for the next attempt, as a network that is back does. */
async function retryNow(page: Page): Promise<void> {
  await page.evaluate(() => dispatchEvent(new Event("online")));
}

async function deal(...players: readonly Player[]): Promise<void> {
  const [{ page }] = players as [Player];
  await expect(page.getByRole("list", { name: "Players" }).getByRole("listitem")).toHaveCount(
    players.length,
  );
  await page.getByRole("button", { name: "Deal" }).click();
  for (const player of players) await expect(hand(player.page)).toHaveCount(5);
}

test(
  "a hand is never in what others receive, and stays through a reload and a killed server",
  { tag: "@promise" },
  async ({ people, server }) => {
    people.expected = /WebSocket connection to .* failed/;
    const room = uniqueRoom("hands");
    const ada = await sitDown(people, room, "Ada", server);
    const grace = await sitDown(people, room, "Grace", server);
    await deal(ada, grace);
    const watcher = await open(people, room, "Edsger", server);
    await expect(news(watcher.page)).toContainText("You are watching this game.");
    const adas = await cardsOf(ada.page);
    const graces = await cardsOf(grace.page);
    expect(seenBy(ada, adas), "the recording works").toEqual(adas);

    const played = await play(ada.page, 4);
    await expect(row(grace.page, "Ada")).toContainText("A card, face down");
    await ada.page.reload();
    await expect(news(ada.page)).toContainText("waiting for Grace");
    await server.kill();
    await grace.isReconnecting();
    await server.start();
    for (const { page } of [ada, grace, watcher]) await retryNow(page);
    await grace.isConnected();
    await ada.isConnected();
    await expect(row(grace.page, "Ada")).toContainText("Has played, 4 cards left");
    const rest = adas.filter((card) => card !== played);
    expect(await cardsOf(ada.page)).toEqual(rest);
    expect(await cardsOf(grace.page)).toEqual(graces);
    for (const other of [grace, watcher]) expect(seenBy(other, adas)).toEqual([]);
    for (const other of [ada, watcher]) expect(seenBy(other, graces)).toEqual([]);

    const answer = await play(grace.page, 0);
    for (const { page } of [ada, grace, watcher]) {
      await expect(news(page)).toContainText(/^Round 1: .*Round 2 of 5/);
    }
    expect(seenBy(grace, adas)).toEqual([played]);
    expect(seenBy(watcher, [...adas, ...graces])).toEqual([played, answer]);
  },
);

test("a game is played to its end, and then another", async ({ people }) => {
  const room = uniqueRoom("game");
  const ada = await sitDown(people, room, "Ada");
  await expect(news(ada.page)).toContainText("The game needs another player");
  const grace = await sitDown(people, room, "Grace");
  await deal(ada, grace);
  for (const round of [1, 2, 3, 4, 5]) {
    await play(ada.page, 0);
    // It is gone at once, and no second one can be played.
    await expect(hand(ada.page)).toHaveCount(5 - round);
    await expect(row(grace.page, "Ada")).toContainText("A card, face down");
    await play(grace.page, 0);
    await expect(news(ada.page)).toContainText(round < 5 ? `Round ${round}:` : "Game over:");
  }
  await expect(hand(ada.page)).toHaveCount(0);
  await grace.page.getByRole("button", { name: "New game" }).click();
  for (const { page } of [ada, grace]) {
    await expect(news(page)).toHaveText("Round 1 of 5: play a card.");
    await expect(page.getByText("0 won")).toHaveCount(2);
  }
});

test("the others go on without a player whose browser is gone", async ({ people }) => {
  const room = uniqueRoom("away");
  const ada = await sitDown(people, room, "Ada");
  const grace = await sitDown(people, room, "Grace");
  const edsger = await sitDown(people, room, "Edsger");
  await deal(ada, grace, edsger);
  await play(ada.page, 0);
  await play(grace.page, 0);
  await edsger.page.context().close();
  await ada.page.getByRole("button", { name: "Go on without Edsger" }).click();
  for (const { page } of [ada, grace]) await expect(news(page)).toContainText("Round 2 of 5");
  await expect(row(grace.page, "Edsger")).toHaveCount(0);
});

test("a visitor watches when all 8 seats are taken", async ({ people, baseURL }) => {
  const room = uniqueRoom("full");
  const ada = await open(people, room, "Ada");
  const sockets = await Promise.all(
    Array.from({ length: 8 }, (_, index) => takeSeat(baseURL, room, `Guest ${index}`)),
  );
  await expect(news(ada.page)).toHaveText("All 8 seats are taken: you are watching.");
  await expect(ada.page.getByRole("button", { name: "Take a seat" })).toHaveCount(0);
  for (const socket of sockets) socket.close();
});

for (const [device, colorScheme] of [
  ["desktop", "dark"],
  ["phone", "light"],
] as const) {
  test(`the game fits a ${device}, ${colorScheme}`, async ({ people }, testInfo) => {
    const room = uniqueRoom("look");
    const look = { viewport: VIEWPORTS[device], colorScheme, reducedMotion: "reduce" };
    const ada = await sitDown(people, room, "Ada", look);
    const grace = await sitDown(people, room, "A name of forty characters, not one less");
    await deal(ada, grace);
    await play(ada.page, 0);
    await play(grace.page, 0);
    await play(grace.page, 0);
    await expect(row(ada.page, "A name")).toContainText("A card, face down");
    const width = await ada.page.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBeLessThanOrEqual(VIEWPORTS[device].width);
    expect(await violationsOf(ada.page)).toEqual([]);
    await attachScreenshot(ada, testInfo, `game-${device}-${colorScheme}`);
  });
}

/** Takes a seat without a page. */
async function takeSeat(origin: string | undefined, room: string, name: string) {
  const url = new URL(`/parties/game/${room}`, origin);
  url.protocol = "ws:";
  url.searchParams.set("name", name);
  const key = randomBytes(16).toString("base64url");
  const socket = new WebSocket(url, ["partyflare.1", `partyflare.key.${key}`]);
  await once(socket, "open");
  socket.send(JSON.stringify(["$call", 1, "join"]));
  return socket;
}
