import { expect, test } from "./support/own-server";
import { uniqueRoom } from "./support/person";

test(
  "after the server was killed, everyone comes back by themselves to all that was said",
  { tag: "@promise" },
  async ({ people, server }) => {
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
  },
);

test("a server that is killed in the middle of a chat loses nothing of it, and doubles nothing", async ({
  people,
  server,
}) => {
  people.expected = /WebSocket connection to .* failed/;
  const room = uniqueRoom("mid-chat");
  const ada = await people.join(room, "Ada", server);
  const grace = await people.join(room, "Grace", server);
  const everybody = [ada, grace];
  const said: string[] = [];
  const talk = async (round: number) => {
    for (let number = 1; number <= 5; number += 1) {
      for (const [index, person] of everybody.entries()) {
        const text = `${["Ada", "Grace"][index]} ${round}.${number}`;
        said.push(text);
        await person.say(text);
      }
    }
  };

  for (const round of [1, 2]) {
    // Some of it is answered, some is on its way, and some is written while nobody is there.
    await talk(round);
    await server.kill();
    await talk(round + 0.5);
    await server.start();
  }
  // What one of them hears, another has to be back to say.
  for (const person of everybody) await person.isConnected();
  for (const person of everybody) {
    await expect(person.log.locator("article p")).toHaveCount(said.length);
    await expect(person.log.locator("[data-pending]")).toHaveCount(0);
  }

  const late = await people.join(room, "Edsger", server);
  const heard = await late.log.locator("article p").allTextContents();
  expect(heard.toSorted()).toEqual(said.toSorted());
  for (const [index, person] of everybody.entries()) {
    expect(await person.log.locator("article p").allTextContents()).toEqual(heard);
    const name = ["Ada", "Grace"][index] ?? "";
    const isTheirs = (text: string) => text.startsWith(name);
    expect(heard.filter(isTheirs), `in ${name}’s order`).toEqual(said.filter(isTheirs));
  }
});
