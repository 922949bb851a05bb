import { expect, test } from "./support/people";
import { uniqueRoom } from "./support/person";

test(
  "two people in a room hear each other, in one order",
  { tag: "@promise" },
  async ({ people }) => {
    const room = uniqueRoom("exchange");
    const ada = await people.join(room, "Ada");
    const grace = await people.join(room, "Grace");

    await ada.say("Is anybody here?");
    await grace.sees("Is anybody here?");
    await grace.say("I am.");
    await ada.sees("I am.");

    await expect(ada.group("You", "Is anybody here?")).toBeVisible();
    await expect(ada.group("Grace", "I am.")).toBeVisible();
    await expect(grace.group("Ada", "Is anybody here?")).toBeVisible();
    await expect(grace.group("You", "I am.")).toBeVisible();
  },
);

test("each sees who else is here, and who has left", { tag: "@promise" }, async ({ people }) => {
  const room = uniqueRoom("presence");
  const ada = await people.join(room, "Ada");
  await expect(ada.people).toHaveText([/Ada.*you/]);

  const grace = await people.join(room, "Grace");
  await expect(ada.people).toHaveText([/Ada.*you/, /Grace/]);
  await expect(grace.people).toHaveText([/Ada/, /Grace.*you/]);

  await grace.page.close();
  await expect(ada.people).toHaveText([/Ada.*you/]);
});

test("two tabs of one browser are one person", async ({ people }) => {
  const room = uniqueRoom("tabs");
  const ada = await people.join(room, "Ada");
  const grace = await people.join(room, "Grace");

  const secondTab = await ada.page.context().newPage();
  await secondTab.goto(`/room/${room}`);
  await expect(secondTab.getByRole("status")).toHaveText("Connected");
  await expect(grace.people).toHaveCount(2);

  await secondTab.getByRole("textbox", { name: "Message" }).fill("From my other tab");
  await secondTab.keyboard.press("Enter");
  await expect(ada.group("You", "From my other tab")).toBeVisible();
});

test("a message of several lines, in any script, arrives as it was written", async ({ people }) => {
  const room = uniqueRoom("scripts");
  const ada = await people.join(room, "Ada");
  const grace = await people.join(room, "Grace");

  await ada.composer.fill("<b>one</b> & two");
  await ada.composer.press("Shift+Enter");
  await ada.composer.pressSequentially("שלום 👩🏽‍🚀");
  await ada.composer.press("Enter");

  await expect(grace.log.locator("article p")).toHaveText("<b>one</b> & two\nשלום 👩🏽‍🚀", {
    useInnerText: true,
  });
});
