import { expect, test } from "./support/people";
import { uniqueRoom } from "./support/person";

const LIMIT = 2_000;

test("a message that is too long comes back to its writer, with the reason", async ({ people }) => {
  const room = uniqueRoom("too-long");
  const ada = await people.join(room, "Ada");
  const grace = await people.join(room, "Grace");
  const text = "x".repeat(LIMIT + 1);

  await ada.composer.fill(text);
  await expect(ada.page.getByText("1 over the limit.")).toBeVisible();
  await ada.composer.press("Enter");
  await expect(
    ada.page.getByText(`Not sent: A message has at most ${LIMIT} characters.`),
  ).toBeVisible();
  await expect(ada.composer).toHaveValue(text);
  await expect(ada.log.locator("article p")).toHaveCount(0);

  await ada.composer.press("Backspace");
  await expect(ada.page.getByText("Not sent:")).toHaveCount(0);
  await ada.composer.press("Enter");
  await grace.sees(text.slice(1));
  await expect(ada.composer).toHaveValue("");
});

test("what was refused comes back before what is being written", async ({ people }) => {
  const ada = await people.invite("Ada");
  // Nothing reaches the room before this is settled.
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  await ada.page.routeWebSocket(/\/parties\//, async (socket) => {
    await opened;
    socket.connectToServer();
  });
  await ada.page.goto(`/room/${uniqueRoom("meanwhile")}`);
  const tooLong = "x".repeat(LIMIT + 1);
  await ada.say(tooLong);
  await ada.composer.fill("Meanwhile");

  open();
  await expect(ada.composer).toHaveValue(`${tooLong}\nMeanwhile`);
  await expect(ada.log.locator("article p")).toHaveCount(0);
});

test("a name of blanks is refused, and says why", async ({ people }) => {
  const ada = await people.join(uniqueRoom("blank"), "Ada");
  await ada.page.getByRole("button", { name: "Change name" }).click();
  const field = ada.page.getByLabel("Your name");
  await field.fill("   ");
  await field.press("Enter");
  await expect(ada.page.getByText("A name is not empty.")).toBeVisible();
  await expect(field).toBeFocused();
  await expect(ada.people).toHaveText([/Ada/]);

  await field.fill("Lovelace");
  await field.press("Enter");
  await expect(ada.people).toHaveText([/Lovelace/]);
  await expect(ada.page.getByText("A name is not empty.")).toHaveCount(0);
});
