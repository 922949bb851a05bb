import type { APIRequestContext } from "@playwright/test";
import { expect, test } from "./support/people";
import { uniqueRoom } from "./support/person";

/** The platform lets a room sleep after 10 s in which nothing reaches it; a question reaches it. */
const ASKED_EVERY_MS = 12_000;

test(
  "a room that has slept goes on where it was",
  { tag: "@promise" },
  async ({ people, request }) => {
    const room = uniqueRoom("sleepy");
    const ada = await people.invite("Ada");
    let sockets = 0;
    ada.page.on("websocket", (socket) => {
      if (socket.url().includes("/parties/")) sockets += 1;
    });
    await ada.enter(room);
    const grace = await people.join(room, "Grace");
    await ada.say("Before the nap");
    await grace.sees("Before the nap");

    const before = await instanceOf(request, room);
    await expect
      .poll(() => instanceOf(request, room), { intervals: [ASKED_EVERY_MS] })
      .not.toBe(before);

    await grace.say("Good morning");
    await ada.sees("Good morning");
    await ada.say("Slept well");
    await grace.sees("Slept well");
    await expect(ada.people).toHaveText([/Ada/, /Grace/]);
    expect(sockets, "connections that Ada needed").toBe(1);

    const late = await people.join(room, "Edsger");
    await expect(late.log.locator("article p")).toHaveText([
      "Before the nap",
      "Good morning",
      "Slept well",
    ]);
    await expect(late.people).toHaveCount(3);
  },
);

/** Another text after every start and every wake of the room. */
async function instanceOf(request: APIRequestContext, room: string): Promise<string> {
  const response = await request.get(`/parties/chat/${room}`);
  const { instance } = (await response.json()) as { instance: string };
  return instance;
}
