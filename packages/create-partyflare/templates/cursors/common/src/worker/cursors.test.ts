import { env } from "cloudflare:workers";
import { openRoom } from "partyflare/testing";
import { expect, it, vi } from "vitest";
import type { cursors } from "./contract";

it("shows everybody's pointer to the others", async () => {
  const room = await openRoom(env.Cursors);
  const ada = await room.join<typeof cursors>();
  const bob = await room.join<typeof cursors>();

  ada.presence.set({ cursor: { x: 0.25, y: 0.5 } });

  await vi.waitFor(() =>
    expect(bob.presence.others.map(({ presence }) => presence?.cursor)).toEqual([
      { x: 0.25, y: 0.5 },
    ]),
  );
});

it("shows a pointer to those who come later, also after hibernation", async () => {
  const room = await openRoom(env.Cursors);
  const ada = await room.join<typeof cursors>();
  const bob = await room.join<typeof cursors>();
  ada.presence.set({ cursor: { x: 1, y: 0 } });
  await vi.waitFor(() => expect(bob.presence.others[0]?.presence?.cursor).toBeDefined());

  await room.sleep();
  const eve = await room.join<typeof cursors>();

  await vi.waitFor(() =>
    expect(eve.presence.others.map(({ presence }) => presence?.cursor)).toContainEqual({
      x: 1,
      y: 0,
    }),
  );
});
