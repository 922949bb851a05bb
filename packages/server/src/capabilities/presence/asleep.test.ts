import { PING } from "@partyflare/shared/internal";
import { expect, it, vi } from "vitest";
import type { RoomConnection } from "../../connections/room-connection";
import { describePresenceKit } from "../../../test/presence-kit";
import { moveClock } from "../../../test/leaving";
import { Viewer } from "../../../test/presence-viewer";
import { describePresenceRooms } from "../../../test/rooms";
import { watchRows } from "../../../test/rows-read";

const DATA = { cursor: { x: 1, y: 2 }, typing: false };

describePresenceKit(
  "presence at rest",
  (open) => {
    it("writes no row", async () => {
      const { join, room } = await open({ graceMs: 0 });
      const ada = await join({ user: "ada" });
      const used = await watchRows(room.stub);
      const bob = await join({ user: "bob" });
      await bob.set(DATA);
      await ada.waitUntil(() => ada.get("bob")?.presence !== undefined);
      await bob.close();
      await ada.untilKeys("ada");
      expect(used().statements.filter((text) => text.includes("presence"))).toEqual([]);
    });

    it("asks `who` for a connection of a deploy without presence", async () => {
      const joined: string[] = [];
      const { join, room } = await open({ onJoin: ({ key }) => void joined.push(key) });
      const ada = await join({ user: "ada" });
      await room.run((party) => {
        const [connection] = party.getConnections() as unknown as RoomConnection[];
        connection?.data.write({ kept: {} }, "kept");
      });
      await room.sleep();
      const bob = await join({ user: "bob" });
      await bob.untilKeys("ada", "bob");
      await ada.untilKeys("ada", "bob");
      await ada.waitUntil(() => joined.length === 3);
      expect(joined.toSorted()).toEqual(["ada", "ada", "bob"]);
    });

    it("keeps the order of members after the first tab of one has left", async () => {
      const { join, room } = await open({ graceMs: 0 });
      const tab = await join({ user: "ada", id: "one" });
      await join({ user: "bob" });
      const other = await join({ user: "ada", id: "two" });
      await tab.close();
      await other.waitUntil(() => other.get("ada")?.devices.length === 1);
      await room.sleep();
      const order = await room.run(({ presence }) => presence.members.map(({ key }) => key));
      expect(order).toEqual(["ada", "bob"]);
    });

    it("knows after a sleep that a new tab's member is not listed", async () => {
      const { join, room } = await open({ graceMs: 0, maxListed: 1 });
      const ada = await join({ user: "ada" });
      const one = await join({ user: "bob", id: "one" });
      await ada.waitUntil(() => ada.presence.size === 2);
      const two = await join({ user: "bob", id: "two" });
      await one.close();
      await two.waitUntil(() => two.get("bob")?.devices.length === 1);
      await room.sleep();
      const cy = await join({ user: "cy" });
      expect(cy.keys()).toEqual(["ada", "cy"]);
    });
  },
  "hibernating",
);

describePresenceRooms(
  "presence at rest, on the wire",
  (open) => {
    it("removes dead members before it sends anything else", async () => {
      const room = open({ graceMs: 5_000 });
      const ada = await Viewer.join(room, { user: "ada" });
      const dead = await Viewer.join(room, { user: "dead" });
      await ada.untilKeys("ada", "dead");
      await dead.socket.send(PING);
      await vi.waitUntil(() => dead.socket.received.join().includes("$pong"), 60_000);
      await room.sleep();
      moveClock(200_000);
      const late = await Viewer.join(room, { user: "late" });
      expect(late.keys).toEqual(["ada", "late"]);
      await ada.untilKeys("ada", "late");
    });
  },
  "hibernating",
);
