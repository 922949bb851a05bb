import { expect, test } from "./support/people";

test("the front page leads to the lobby", async ({ people }) => {
  const ada = await people.invite("Ada");
  await ada.page.goto("/");
  await expect(ada.page).toHaveURL("/room/lobby");
  await ada.isConnected();
});

test("a room may have any name", async ({ people }) => {
  const ada = await people.join("elsewhere", "Ada");
  const grace = await people.join("elsewhere", "Grace");
  for (const name of ["a/b", "a?b#c&d=e", "100%", "café au lait", "日本語", "index.html", "…"]) {
    await test.step(name, async () => {
      // Rooms are shared by all tests of the run: the message is what is unique here.
      const text = `In ${name} at ${Date.now()}`;
      await ada.page.goto(`/room/${encodeURIComponent(name)}`);
      await expect(ada.page.getByRole("heading", { name: `Room ${name}` })).toBeVisible();
      await ada.say(text);
      await ada.sees(text);

      await grace.page.getByLabel("Go to another room, or make one").fill(name);
      await grace.page.keyboard.press("Enter");
      await grace.sees(text);
      await grace.page.reload();
      await grace.sees(text);
    });
  }
});

test("two spellings of one name are one room", async ({ people }) => {
  const text = `Composed at ${Date.now()}`;
  const ada = await people.join("cafe\u0301", "Ada");
  await ada.say(text);
  const grace = await people.join("caf\u00e9", "Grace");
  await grace.sees(text);
});

for (const path of ["/room/a%00b", "/room/a%E2%80%AEb", `/room/${"x".repeat(513)}`]) {
  test(`a page, and no error, tells that no room can be at ${path.slice(0, 20)}`, async ({
    people,
  }) => {
    const ada = await people.invite("Ada");
    await ada.page.goto(path);
    await expect(ada.page.getByRole("heading")).toHaveText("No room can have this name");
    await ada.page.getByRole("link", { name: "lobby" }).click();
    await ada.isConnected();
  });
}

test("a page that does not exist says so", async ({ people }) => {
  const ada = await people.invite("Ada");
  await ada.page.goto("/nowhere/at/all");
  await expect(ada.page.getByRole("heading")).toHaveText("There is nothing here");
});
