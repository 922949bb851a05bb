import { env } from "cloudflare:workers";
import { openRoom } from "partyflare/testing";
import { expect, it, vi } from "vitest";
import type { game } from "./contract";

/** A room with two players: Ada plays X. */
async function openGame() {
  const room = await openRoom(env.Game);
  const ada = await room.join<typeof game>();
  const bob = await room.join<typeof game>();
  await ada.call("sit");
  await bob.call("sit");
  return { room, ada, bob };
}

it("is won with three in a row, also over a hibernation", async () => {
  const { room, ada, bob } = await openGame();

  await ada.call("mark", { square: 0 });
  await bob.call("mark", { square: 3 });
  await ada.call("mark", { square: 1 });
  await room.sleep();
  await bob.call("mark", { square: 4 });
  await ada.call("mark", { square: 2 });

  await vi.waitFor(() => expect(bob.shared.value?.result).toBe("X"));
});

it("lets nobody mark out of turn, nor a square twice", async () => {
  const { ada, bob } = await openGame();

  await expect(bob.call("mark", { square: 0 })).rejects.toMatchObject({ code: "not_now" });
  await ada.call("mark", { square: 0 });
  await expect(bob.call("mark", { square: 0 })).rejects.toMatchObject({ code: "not_now" });
});

it("has two seats, and gives away that of a player who has left", async () => {
  const { room, ada } = await openGame();
  const eve = await room.join<typeof game>();
  await expect(eve.call("sit")).rejects.toMatchObject({ code: "not_now" });

  await ada.close();

  await vi.waitFor(() => eve.call("sit"));
  await vi.waitFor(() => expect(eve.shared.value?.players.X).toBe(eve.client));
});
