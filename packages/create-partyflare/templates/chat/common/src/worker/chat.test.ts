import { env } from "cloudflare:workers";
import { openRoom } from "partyflare/testing";
import { expect, it } from "vitest";
import type { chat } from "./contract";

it("sends a line to everybody, also after hibernation", async () => {
  const room = await openRoom(env.Chat);
  const ada = await room.join<typeof chat>({ query: { name: "Ada" } });
  const bob = await room.join<typeof chat>({ query: { name: "Bob" } });

  await room.sleep();
  await ada.call("say", { text: " hello " });

  expect(await bob.next("said")).toMatchObject({ by: "Ada", text: "hello" });
});

it("gives newcomers the lines before", async () => {
  const room = await openRoom(env.Chat);
  const ada = await room.join<typeof chat>({ query: { name: "Ada" } });
  await ada.call("say", { text: "hello" });
  await ada.call("rename", { name: "Countess" });

  const bob = await room.join<typeof chat>();

  expect(await bob.next("said")).toMatchObject({ by: "Ada", text: "hello" });
});

it("refuses an empty line", async () => {
  const room = await openRoom(env.Chat);
  const ada = await room.join<typeof chat>();

  await expect(ada.call("say", { text: "  " })).rejects.toMatchObject({ code: "invalid" });
});
