import { expect, test } from "./support/own-server";
import { uniqueRoom } from "./support/person";

test("after the server was killed, everyone comes back by themselves to all that was said", async ({
  people,
  server,
}) => {
  test.setTimeout(120_000);
  people.expected = /WebSocket connection to .* failed/;
  const room = uniqueRoom("restart");
  const ada = await people.join(room, "Ada", server);
  const grace = await people.join(room, "Grace", server);
  await ada.say("Before the fall");
  await grace.sees("Before the fall");
  await grace.say("I heard you");
  await ada.sees("I heard you");

  await server.kill();
  await ada.isReconnecting();
  await grace.isReconnecting();
  await server.start();
  await ada.isConnected();
  await grace.isConnected();

  for (const person of [ada, grace]) {
    await expect(person.log.locator("article p")).toHaveText(["Before the fall", "I heard you"]);
    await expect(person.people).toHaveText([/Ada/, /Grace/]);
  }
  await ada.say("Still here?");
  await grace.sees("Still here?");
  await grace.say("Still here.");
  await ada.sees("Still here.");

  const late = await people.join(room, "Edsger", server);
  await expect(late.log.locator("article p")).toHaveText([
    "Before the fall",
    "I heard you",
    "Still here?",
    "Still here.",
  ]);
});
