import { expect, test } from "./support/people";
import { uniqueRoom } from "./support/person";

// Every test here fails on a complaint in a console (support/people.ts); this one walks everywhere.
test(
  "no page complains in its console, and nothing it asks for is missing",
  { tag: "@promise" },
  async ({ people }) => {
    const room = uniqueRoom("console");
    const ada = await people.invite("Ada");
    await ada.page.goto("/");
    await ada.isConnected();
    await ada.enter(room);
    await ada.say("Hello, console");
    await ada.sees("Hello, console");
    await ada.page.reload();
    await ada.sees("Hello, console");
    await ada.page.getByRole("link", { name: "lobby" }).click();
    await expect(ada.page).toHaveURL("/room/lobby");
    await ada.isConnected();
    await ada.page.setViewportSize({ width: 390, height: 844 });
    await ada.page.getByRole("button", { name: /here$/ }).click();
    await ada.page.getByRole("link", { name: room }).click();
    await ada.sees("Hello, console");
    await ada.page.goto("/nowhere");
    await expect(ada.page.getByRole("heading")).toBeVisible();
    expect(people.complaints).toEqual([]);
  },
);
