import { randomKey } from "@partyflare/shared";
import { expect, it } from "vitest";
import { Viewer } from "../../../test/presence-viewer";
import { describePresenceRooms } from "../../../test/rooms";

// Proven faults without a mend. Each test fails.

const DATA = { cursor: null, typing: false };

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

describePresenceRooms(
  "presence",
  (open) => {
    // A member that left and joined again within a window keeps its place on the clients that know it.
    it("shows the order in which members joined to all alike", async () => {
      const room = open({ graceMs: 0, windowMs: 300 });
      const ada = await Viewer.join(room, { user: "ada" });
      const bob = await Viewer.join(room, { user: "bob" });
      await Viewer.join(room, { user: "cy" });
      await ada.untilKeys("ada", "bob", "cy");
      await bob.socket.close(1000);
      await pause(20);
      await Viewer.join(room, { user: "bob", id: "again" });
      const dan = await Viewer.join(room, { user: "dan" });
      await ada.untilKeys("ada", "bob", "cy", "dan");
      expect(ada.order).toEqual(dan.order);
    });

    // docs/guide/presence.md: refused data reverts, `too_large`. Above 1 MiB the room closes for good,
    // 4413. What nests deeper than a frame may is `bad_frame`, without the number: `me` keeps it, and
    // sends it again on each connection.
    it.each([
      ["large", { note: "x".repeat(1_100_000) }],
      ["deep", { free: JSON.parse("[".repeat(62) + "]".repeat(62)) as unknown }],
    ])("refuses %s data so that its client can revert it", async (_title, fields) => {
      const room = open();
      const ada = await Viewer.join(room, { user: "ada" });
      await ada.set(DATA);
      const n = await ada.set(fields);
      await ada.until(() => ada.refusals.length + ada.errors.length > 0 || ada.socket.isClosed);
      expect(ada.refusals).toMatchObject([{ refused: n, error: { code: "too_large" } }]);
    });

    // Presence shows every connection's id to every client. A key protects an id only while a
    // connection has it, and 4403 is final.
    it("lets a client back in whose id was shown to a stranger while it was away", async () => {
      const room = open();
      const eve = await Viewer.join(room, { user: "eve" });
      const key = randomKey();
      const join = async (user: string, id: string, secret: string) => {
        const protocols = ["partyflare.1", `partyflare.key.${secret}`];
        return room.connect(`?_pk=${id}&user=${user}&partyflare.presence=`, protocols);
      };
      const victim = await join("vic", "secret-random-id", key);
      await eve.untilKeys("eve", "vic");
      const [device] = eve.get("vic")!.devices;
      await victim.close(1001);
      await eve.until(() => eve.get("vic")?.devices.length === 0);
      await join("eve", device!.id, randomKey());
      const back = await join("vic", "secret-random-id", key);
      const [name] = (await back.frame()) as [string];
      // It is `["$close",{"code":4403,"reason":"forbidden","retry":false}]`.
      expect(name).toBe("$hello");
    });
  },
  "awake",
);
