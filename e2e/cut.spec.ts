import { violationsOf } from "./support/axe";
import { attachScreenshot, expectToFit, VIEWPORTS } from "./support/looks";
import { expect, test } from "./support/people";
import { type Person, uniqueRoom } from "./support/person";

test(
  "whose connection was cut misses nothing, and is heard once",
  { tag: "@promise" },
  async ({ people }) => {
    const room = uniqueRoom("cut");
    const ada = await people.join(room, "Ada");
    const grace = await people.join(room, "Grace");
    await grace.say("Before");
    await ada.sees("Before");

    // It comes back by itself, and not before this test has seen what it was away from.
    let letIn = () => {};
    const mayReturn = new Promise<void>((resolve) => (letIn = resolve));
    await ada.page.routeWebSocket(/\/parties\//, async (socket) => {
      await mayReturn;
      socket.connectToServer();
    });
    await cut(ada);
    await expect(grace.people).toHaveText([/Grace/]);
    await grace.say("While you were away");
    await grace.sees("While you were away");
    await ada.say("Into the void");
    await ada.say("And again");
    await expect(ada.log).toContainText("Waiting for the connection");
    await grace.say("Are you there?");
    await grace.sees("Are you there?");
    await expect(ada.message("While you were away")).toHaveCount(0);

    letIn();
    await ada.isConnected();
    await grace.sees("And again");
    const said = ["Before", "While you were away", "Are you there?", "Into the void", "And again"];
    for (const person of [ada, grace]) {
      await expect(person.log.locator("article p")).toHaveText(said);
    }
    await expect(ada.log.locator("[data-pending]")).toHaveCount(0);
    await expect(ada.people).toHaveText([/Ada/, /Grace/]);
  },
);

test("who has cut the connection may come back at once", async ({ people }) => {
  const ada = await people.join(uniqueRoom("cut"), "Ada");
  await cut(ada);
  const back = ada.page.getByRole("button", { name: "Connect now" });
  await back.click();
  await ada.isConnected();
  await expect(back).toHaveCount(0);
  await ada.say("Here again");
  await ada.sees("Here again");
});

for (const [device, viewport] of Object.entries(VIEWPORTS)) {
  test(`on a ${device}, a page whose connection was cut says so`, async ({ people }, testInfo) => {
    const ada = await people.join(uniqueRoom("cut"), "Ada", { viewport, reducedMotion: "reduce" });
    await ada.say("Still here?");
    await ada.sees("Still here?");
    if (device === "phone") await ada.pressInLab("Break the connection");
    await cut(ada);
    await expectToFit(ada);
    await attachScreenshot(ada, testInfo, "cut");
  });
}

for (const [device, viewport] of Object.entries(VIEWPORTS)) {
  test(`on a ${device}, the list of people tells that it is old while the connection is lost`, async ({
    people,
  }, testInfo) => {
    const room = uniqueRoom("as-of");
    const ada = await people.join(room, "Ada", { viewport, reducedMotion: "reduce" });
    await people.join(room, "Grace");
    if (device === "phone") await ada.pressInLab("Break the connection");
    await cut(ada);
    if (device === "phone") await ada.page.getByRole("button", { name: /here$/ }).click();
    const list = ada.page.getByRole("region", { name: "Here now" });
    await expect(list).toContainText(/as of \d\d:\d\d/);
    await expect(list).toHaveAttribute("data-stale");
    await expect(ada.people).toHaveText([/Ada/, /Grace/]);
    expect(await violationsOf(ada.page)).toEqual([]);
    await attachScreenshot(ada, testInfo, "as-of");

    await ada.isConnected();
    await expect(list).not.toContainText("as of");
    await expect(list).not.toHaveAttribute("data-stale");
  });
}

/** Presses the button, and waits until the page says what has happened. */
async function cut(person: Person): Promise<void> {
  await person.pressInLab(/^Cut it for/);
  await expect(person.page.getByText("Cut. The page reconnects by itself")).toBeVisible();
  await expect(person.page.getByText(/^Reconnecting in \d+ s$/)).toBeAttached();
}
