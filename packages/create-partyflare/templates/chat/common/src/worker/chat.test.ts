import { env } from "cloudflare:workers";
import { openRoom } from "partyflare/testing";
import { expect, it } from "vitest";

it("sends a line to everybody, also after hibernation", async () => {
  const room = await openRoom(env.Chat);
  const ada = await room.join({ query: { name: "Ada" } });
  const bob = await room.join({ query: { name: "Bob" } });

  await room.sleep();
  await ada.call("say", { text: " hello " });

  expect(await bob.next("said")).toMatchObject({ by: "Ada", text: "hello" });
});

it("gives newcomers the lines before", async () => {
  const room = await openRoom(env.Chat);
  const ada = await room.join({ query: { name: "Ada" } });
  await ada.call("say", { text: "hello" });
  await ada.call("rename", { name: "Countess" });

  const bob = await room.join();

  expect(await bob.next("said")).toMatchObject({ by: "Ada", text: "hello" });
});

it("refuses an empty line", async () => {
  const room = await openRoom(env.Chat);
  const ada = await room.join();

  await expect(ada.call("say", { text: "  " })).rejects.toMatchObject({ code: "invalid" });
});
