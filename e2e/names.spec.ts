import { expect, test } from "./support/people";
import { uniqueRoom } from "./support/person";

test("a new name is seen by everyone, and kept for the next visit", async ({ people }) => {
  const room = uniqueRoom("names");
  const ada = await people.join(room, "Ada");
  const grace = await people.join(room, "Grace");

  await ada.page.getByRole("button", { name: "Change name" }).click();
  await ada.page.getByLabel("Your name").fill("  Countess   Lovelace ");
  await ada.page.getByRole("button", { name: "Save" }).click();
  await expect(grace.people).toHaveText([/Countess Lovelace/, /Grace/]);

  await ada.say("Call me that");
  await expect(grace.group("Countess Lovelace", "Call me that")).toBeVisible();

  await ada.page.reload();
  await expect(ada.people).toHaveText([/Countess Lovelace.*you/, /Grace/]);
});

test("a visitor without a name is given one", async ({ page }) => {
  await page.goto(`/room/${uniqueRoom("nameless")}`);
  const people = page.getByRole("region", { name: "Here now" }).getByRole("listitem");
  await expect(people).toHaveText([/\w+ \w+.*you/]);
});
