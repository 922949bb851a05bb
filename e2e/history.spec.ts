import { expect, test } from "./support/people";
import { uniqueRoom } from "./support/person";
import { RoomClient } from "./support/room-client";

test("an empty room says so", async ({ people }) => {
  const ada = await people.join(uniqueRoom("empty"), "Ada");
  await expect(ada.log).toContainText("Nobody has said anything yet");

  await ada.say("Now somebody has");
  await ada.sees("Now somebody has");
  await expect(ada.log).not.toContainText("Nobody has said anything yet");
});

test("a late joiner sees what was said before", async ({ people }) => {
  const room = uniqueRoom("late");
  const ada = await people.join(room, "Ada");
  const grace = await people.join(room, "Grace");
  await ada.say("First");
  await grace.sees("First");
  await grace.say("Second");
  await ada.sees("Second");

  const late = await people.join(room, "Edsger");
  await expect(late.log.locator("article p")).toHaveText(["First", "Second"]);
  await expect(late.group("Ada", "First")).toBeVisible();
  await expect(late.group("Grace", "Second")).toBeVisible();
});

test("a reload keeps the conversation, and whose words are whose", async ({ people }) => {
  const ada = await people.join(uniqueRoom("reload"), "Ada");
  await ada.say("Mine");
  await ada.sees("Mine");

  await ada.page.reload();
  await expect(ada.group("You", "Mine")).toBeVisible();
});

test("a room remembers its last 100 messages", async ({ people, baseURL }) => {
  const room = uniqueRoom("hundred");
  const ada = await people.join(room, "Ada");
  const typist = await RoomClient.connect(baseURL, room);
  for (let number = 1; number <= 101; number += 1) typist.post(`Message ${number}`);
  await ada.sees("Message 101");
  await expect(ada.message("Message 1")).toHaveCount(1);

  const late = await people.join(room, "Edsger");
  await late.sees("Message 101");
  await expect(late.log.locator("article p")).toHaveCount(100);
  await expect(late.message("Message 2")).toHaveCount(1);
  await expect(late.message("Message 1")).toHaveCount(0);
});
