import { expect, test } from "./support/people";
import { uniqueRoom } from "./support/person";

test("somebody in another room hears nothing of it", { tag: "@promise" }, async ({ people }) => {
  const [room, elsewhere] = [uniqueRoom("here"), uniqueRoom("elsewhere")];
  const ada = await people.join(room, "Ada");
  const grace = await people.join(room, "Grace");
  const edsger = await people.join(elsewhere, "Edsger");

  await ada.say("Between us");
  await grace.sees("Between us");

  // What he says himself has made the whole way: anything said before would be there by now.
  await edsger.say("Quiet here");
  await edsger.sees("Quiet here");
  await expect(edsger.log.getByRole("article")).toHaveCount(1);
  await expect(edsger.people).toHaveText([/Edsger/]);
  await expect(ada.people).toHaveCount(2);
});

test("going to another room leaves the first", async ({ people }) => {
  const [first, second] = [uniqueRoom("first"), uniqueRoom("second")];
  const ada = await people.join(first, "Ada");
  const grace = await people.join(first, "Grace");
  await ada.say("Before I go");
  await grace.sees("Before I go");

  await ada.page.getByLabel("Go to another room, or make one").fill(second);
  await ada.page.getByRole("button", { name: "Go", exact: true }).click();
  await expect(ada.page).toHaveURL(`/room/${second}`);
  await expect(ada.page.getByRole("heading", { name: `Room ${second}` })).toBeFocused();
  await ada.isConnected();
  await expect(ada.log.getByText("Nobody has said anything yet")).toBeVisible();
  await expect(grace.people).toHaveText([/Grace/]);

  await ada.page.goBack();
  await ada.sees("Before I go");
  await expect(grace.people).toHaveCount(2);
});

test("going back at once finds the room as it was", async ({ people }) => {
  const [first, second] = [uniqueRoom("first"), uniqueRoom("second")];
  const ada = await people.join(first, "Ada");
  await ada.say("Before I go");
  await ada.sees("Before I go");
  await ada.page.getByLabel("Go to another room, or make one").fill(second);

  // In one breath, while the first room's connection is still kept for whoever comes next: back as
  // soon as the second room's page is there, before anybody outside of the page could see it.
  await ada.page
    .getByRole("button", { name: "Go", exact: true })
    .evaluate(async (button, title) => {
      (button as HTMLElement).click();
      while (document.querySelector("h1")?.textContent !== title) {
        await new Promise((resolve) => requestAnimationFrame(resolve));
      }
      history.back();
    }, `Room ${second}`);
  await expect(ada.page).toHaveURL(`/room/${first}`);
  await ada.sees("Before I go");
  await expect(ada.people).toHaveText([/Ada.*you/]);
});
