import { uniqueRoom } from "./support/person";
import { expect, test } from "./support/people";

test("two tabs of one browser are one person, who stays until the last tab is closed", async ({
  people,
}) => {
  const room = uniqueRoom("tabs");
  const grace = await people.join(room, "Grace");
  const ada = await people.join(room, "Ada");
  const second = await ada.page.context().newPage();
  await second.goto(ada.page.url());
  await expect(second.getByRole("status")).toHaveText("Connected");
  await expect(grace.people).toHaveText([/Ada/, /Grace/]);
  await ada.page.close();
  await second.getByRole("textbox", { name: "Message" }).fill("Still here");
  await expect(grace.page.getByText("Ada is typing…")).toBeVisible();
  await expect(grace.people).toHaveText([/Ada/, /Grace/]);
  await second.close();
  await expect(grace.people).toHaveText([/Grace/]);
});

test("everyone sees who is typing, until the message is sent", async ({ people }) => {
  const room = uniqueRoom("typing");
  const ada = await people.join(room, "Ada");
  const grace = await people.join(room, "Grace");
  await ada.composer.fill("I am wri");
  await expect(grace.page.getByText("Ada is typing…")).toBeVisible();
  await expect(ada.page.getByText("Ada is typing…")).toBeHidden();
  await ada.composer.press("Enter");
  await grace.sees("I am wri");
  await expect(grace.page.getByText("Ada is typing…")).toBeHidden();
});

test("a person who reloads does not leave", async ({ people }) => {
  const room = uniqueRoom("reload");
  const grace = await people.join(room, "Grace");
  const ada = await people.join(room, "Ada");
  await expect(grace.people).toHaveText([/Ada/, /Grace/]);
  const texts = grace.people.first();
  await texts.evaluate((item) => {
    const list = item.closest("ul");
    const counts: number[] = [];
    Reflect.set(globalThis, "counts", counts);
    new MutationObserver(() => counts.push(list?.childElementCount ?? 0)).observe(list as Node, {
      childList: true,
    });
  });
  await ada.page.reload();
  await ada.isConnected();
  await ada.say("Back");
  await grace.sees("Back");
  expect(await grace.page.evaluate(() => Reflect.get(globalThis, "counts") as number[])).toEqual(
    [],
  );
});

test("a person whose browser dies is no ghost", async ({ people }) => {
  const room = uniqueRoom("ghost");
  const grace = await people.join(room, "Grace");
  const ada = await people.join(room, "Ada");
  await expect(grace.people).toHaveText([/Ada/, /Grace/]);
  // Its connections end without a goodbye.
  await ada.page.context().close();
  await expect(grace.people).toHaveText([/Grace/]);
});
