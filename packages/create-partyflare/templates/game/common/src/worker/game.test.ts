import { env } from "cloudflare:workers";
import { openRoom } from "partyflare/testing";
import { expect, it } from "vitest";

/** A room with two players: Ada plays X. */
async function openGame() {
  const room = await openRoom(env.Game);
  const ada = await room.join();
  const bob = await room.join();
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

  await expect.poll(() => bob.shared.value?.result).toBe("X");
});

it("lets nobody mark out of turn, nor a square twice", async () => {
  const { ada, bob } = await openGame();

  await expect(bob.call("mark", { square: 0 })).rejects.toMatchObject({ code: "not_now" });
  await ada.call("mark", { square: 0 });
  await expect(bob.call("mark", { square: 0 })).rejects.toMatchObject({ code: "not_now" });
});

it("has two seats, and gives away that of a player who has left", async () => {
  const { room, ada } = await openGame();
  const eve = await room.join();
  await expect(eve.call("sit")).rejects.toMatchObject({ code: "not_now" });

  await ada.close();
  await eve.call("sit");

  await expect.poll(() => eve.shared.value?.players.X).toBe(eve.client);
});
