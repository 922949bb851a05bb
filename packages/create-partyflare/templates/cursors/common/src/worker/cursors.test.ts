import { env } from "cloudflare:workers";
import { openRoom } from "partyflare/testing";
import { expect, it } from "vitest";

it("shows everybody's pointer to the others", async () => {
  const room = await openRoom(env.Cursors);
  const ada = await room.join();
  const bob = await room.join();

  ada.presence.set({ cursor: { x: 0.25, y: 0.5 } });

  await expect.poll(() => bob.presence.others[0]?.presence?.cursor).toEqual({ x: 0.25, y: 0.5 });
});

it("shows a pointer to those who join later, also after hibernation", async () => {
  const room = await openRoom(env.Cursors);
  const ada = await room.join();
  ada.presence.set({ cursor: { x: 1, y: 0 } });

  await room.sleep();
  const bob = await room.join();

  await expect.poll(() => bob.presence.others[0]?.presence?.cursor).toEqual({ x: 1, y: 0 });
});

it("takes a pointer off the board with its person", async () => {
  const room = await openRoom(env.Cursors);
  const ada = await room.join();
  const bob = await room.join();
  await expect.poll(() => bob.presence.others).toHaveLength(1);

  await ada.close();
  // A person who is back within 5 s has never left.
  await room.advance(6_000);

  await expect.poll(() => bob.presence.others).toEqual([]);
});
