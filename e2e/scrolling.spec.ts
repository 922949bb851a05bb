import type { Locator } from "@playwright/test";
import { expect, test } from "./support/people";
import { uniqueRoom } from "./support/person";
import { RoomClient } from "./support/room-client";

test("a reader at the end is kept there, one who scrolled up is left in peace", async ({
  people,
  baseURL,
}) => {
  const room = uniqueRoom("scrolling");
  const ada = await people.join(room, "Ada");
  const grace = await people.join(room, "Grace");
  await fill(baseURL, room);
  await grace.sees("Line 40");
  await expect(grace.message("Line 40")).toBeInViewport();
  await expect(grace.message("Line 1")).not.toBeInViewport();

  await grace.log.evaluate((log) => log.scrollTo({ top: 0 }));
  await expect(grace.message("Line 1")).toBeInViewport();
  await ada.say("News");
  const button = grace.page.getByRole("button", { name: "1 new message" });
  await expect(button).toBeVisible();
  expect(await scrollTopOf(grace.log)).toBe(0);

  await button.click();
  await expect(grace.message("News")).toBeInViewport();
  await expect(button).toBeHidden();
  await expect(grace.log).toBeFocused();
  await ada.say("More news");
  await expect(grace.message("More news")).toBeInViewport();
});

test("what one says oneself is shown, wherever one was reading", async ({ people, baseURL }) => {
  const room = uniqueRoom("own");
  const ada = await people.join(room, "Ada");
  await fill(baseURL, room);
  await ada.sees("Line 40");
  await ada.log.evaluate((log) => log.scrollTo({ top: 0 }));
  await ada.say("Down here");
  await expect(ada.message("Down here")).toBeInViewport();
});

/** More lines than any window shows. */
async function fill(origin: string | undefined, room: string): Promise<void> {
  const typist = await RoomClient.connect(origin, room);
  for (let number = 1; number <= 40; number += 1) typist.post(`Line ${number}`);
}

function scrollTopOf(element: Locator): Promise<number> {
  return element.evaluate(({ scrollTop }) => scrollTop);
}
