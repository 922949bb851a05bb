import type { APIRequestContext } from "@playwright/test";
import { attachScreenshot, expectToFit, VIEWPORTS } from "./support/looks";
import { expect, type People, test } from "./support/people";
import { type Person, uniqueRoom } from "./support/person";

const TOGGLE = "Break the connection";
const BUTTONS = [/^Cut it for/, /^Slow it/, "Lose what I send", "Lose what I hear", /^Restart/];

for (const [device, viewport] of Object.entries(VIEWPORTS)) {
  test(`on a ${device}, nobody can miss where the connection is broken`, async ({
    people,
  }, testInfo) => {
    const ada = await people.join(uniqueRoom("lab"), "Ada", { viewport, reducedMotion: "reduce" });
    const toggle = ada.lab.getByRole("button", { name: TOGGLE });
    await expect(toggle).toBeInViewport({ ratio: 1 });
    await expect(toggle).toHaveAttribute("aria-expanded", String(device === "desktop"));
    if (device === "phone") await toggle.click();
    for (const name of BUTTONS) {
      await expect(ada.lab.getByRole("button", { name })).toBeInViewport({ ratio: 1 });
    }
    await expectToFit(ada);
    await attachScreenshot(ada, testInfo, "lab");

    await toggle.click();
    await expect(toggle).toHaveAttribute("aria-expanded", "false");
    for (const name of BUTTONS) {
      await expect(ada.lab.getByRole("button", { name })).toBeHidden();
    }
  });
}

test("a slow connection delays messages both ways, and keeps their order", async ({ people }) => {
  const room = uniqueRoom("slow");
  const grace = await people.join(room, "Grace");
  const ada = await people.invite("Ada");
  await ada.page.clock.install();
  await ada.enter(room);
  await ada.pressInLab(/^Slow it/);
  await expect(ada.lab.getByRole("button", { name: /^Slow it/ })).toHaveAttribute(
    "aria-pressed",
    "true",
  );
  // From here on, Ada's time stands still unless the test moves it.
  await ada.page.clock.pauseAt((await ada.page.evaluate(() => Date.now())) + 10_000);

  await ada.say("One");
  await ada.say("Two");
  await expect(ada.log.locator("[data-pending]")).toHaveText(["One", "Two"]);
  await grace.say("From Grace");
  await grace.sees("From Grace");
  await expect(grace.log.locator("article p")).toHaveText(["From Grace"]);
  await expect(ada.message("From Grace")).toHaveCount(0);

  // It leaves after the delay. The answer is delayed as well.
  await ada.page.clock.runFor(1_000);
  await expect(grace.log.locator("article p")).toHaveText(["From Grace", "One", "Two"]);
  await expect(ada.log.locator("[data-pending]")).toHaveText(["One", "Two"]);

  await ada.pressInLab(/^Slow it/);
  await ada.page.clock.resume();
  await expect(ada.log.locator("article p")).toHaveText(["From Grace", "One", "Two"]);
  await expect(ada.log.locator("[data-pending]")).toHaveCount(0);
  await ada.say("Fast again");
  await grace.sees("Fast again");
});

test("the heartbeat notices that what a page sends is lost, and the page sends it again", async ({
  people,
}) => {
  const { ada, grace } = await meet(people, "lost-sent");
  await ada.pressInLab("Lose what I send");
  await ada.say("Lost on its way");
  await expect(ada.lab).toContainText(/\d+ messages? lost/);
  await grace.say("Heard nevertheless");
  await ada.sees("Heard nevertheless");
  await expect(grace.message("Lost on its way")).toHaveCount(0);
  await expect(ada.log.locator("[data-pending]")).toHaveText("Lost on its way");

  await heartbeatNotices(ada);
  await ada.isConnected();
  await grace.sees("Lost on its way");
  for (const person of [ada, grace]) {
    await expect(person.log.locator("article p")).toHaveText([
      "Hello",
      "Heard nevertheless",
      "Lost on its way",
    ]);
    await expect(person.people).toHaveText([/Ada/, /Grace/]);
  }
  await expect(ada.log.locator("[data-pending]")).toHaveCount(0);
  await expect(ada.journal.filter({ hasText: "1 message was sent again" })).toHaveCount(1);
  await expect(ada.lab).not.toContainText(/messages? lost/);
});

test("the heartbeat notices that what a room sends is lost, and the page catches up", async ({
  people,
}) => {
  const { ada, grace } = await meet(people, "lost-heard");
  await ada.pressInLab("Lose what I hear");
  await grace.say("Can you hear me?");
  await grace.sees("Can you hear me?");
  await expect(ada.lab).toContainText(/\d+ messages? lost/);
  await ada.say("Hello?");
  await grace.sees("Hello?");
  await expect(ada.message("Can you hear me?")).toHaveCount(0);
  await expect(ada.log.locator("[data-pending]")).toHaveText("Hello?");

  await heartbeatNotices(ada);
  await ada.isConnected();
  for (const person of [ada, grace]) {
    await expect(person.log.locator("article p")).toHaveText([
      "Hello",
      "Can you hear me?",
      "Hello?",
    ]);
    await expect(person.people).toHaveText([/Ada/, /Grace/]);
  }
  await expect(ada.log.locator("[data-pending]")).toHaveCount(0);
});

test("a check finds a loss before the next heartbeat does", async ({ people }) => {
  const { ada, grace } = await meet(people, "check");
  await ada.pressInLab("Lose what I send");
  await ada.say("Lost on its way");
  await ada.pressInLab("Check now");
  await grace.sees("Lost on its way");
  await expect(ada.journal.filter({ hasText: "The heartbeat noticed" })).toHaveCount(1);
});

test("a room whose memory is restarted forgets nothing, and everybody comes back", async ({
  people,
  request,
}, testInfo) => {
  const { ada, grace, room } = await meet(people, "reset");
  const before = await instanceOf(request, room);
  await ada.pressInLab(/^Restart/);
  await expect.poll(() => instanceOf(request, room), { timeout: 60_000 }).not.toBe(before);
  for (const person of [ada, grace]) await restarts(person);
  await ada.say("Still here");
  await grace.sees("Still here");
  await grace.say("So am I");
  await ada.sees("So am I");
  for (const person of [ada, grace]) {
    await expect(person.log.locator("article p")).toHaveText(["Hello", "Still here", "So am I"]);
    await expect(person.people).toHaveText([/Ada/, /Grace/]);
  }
  await attachScreenshot(ada, testInfo, "restarted");
});

test("a room refuses to restart again within a minute, to anybody", async ({ people, request }) => {
  const { ada, grace, room } = await meet(people, "reset-rate");
  await ada.pressInLab(/^Restart/);
  await restarts(grace);
  const after = await instanceOf(request, room);
  await grace.pressInLab(/^Restart/);
  await expect(grace.journal.first()).toContainText("restarted less than 60 s ago");
  expect(await instanceOf(request, room)).toBe(after);
  await grace.isConnected();
});

/** Ada, whose clock the test may put forward, and Grace, who has said hello. */
async function meet(people: People, topic: string) {
  const room = uniqueRoom(topic);
  const ada = await people.invite("Ada");
  await ada.page.clock.install();
  await ada.enter(room);
  const grace = await people.join(room, "Grace");
  await grace.say("Hello");
  await ada.sees("Hello");
  await expect(ada.people).toHaveText([/Ada/, /Grace/]);
  return { ada, grace, room };
}

/** Puts the person's clock forward until their heartbeat has had no answer in time. */
async function heartbeatNotices({ page, journal }: Person): Promise<void> {
  await expect(async () => {
    await page.clock.fastForward(10_000);
    await expect(journal.filter({ hasText: "The heartbeat noticed" })).toHaveCount(1, {
      timeout: 1_000,
    });
  }).toPass({ timeout: 60_000 });
}

/** Waits until the person is connected to a room that has started anew. */
async function restarts(person: Person): Promise<void> {
  const line = person.journal.filter({ hasText: "started anew" });
  await expect(line.first()).toBeVisible({ timeout: 60_000 });
  await person.isConnected();
}

/** Another text after every start of the room. A request that a restart cuts off is made again. */
async function instanceOf(request: APIRequestContext, room: string): Promise<string> {
  let instance = "";
  await expect(async () => {
    const response = await request.get(`/parties/chat/${room}`);
    expect(response.status()).toBe(200);
    ({ instance } = (await response.json()) as { instance: string });
  }).toPass({ timeout: 60_000 });
  return instance;
}
