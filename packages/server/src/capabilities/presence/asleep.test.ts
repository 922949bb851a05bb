import { runInDurableObject } from "cloudflare:test";
import { PING } from "@partyflare/shared/internal";
import { expect, it, vi } from "vitest";
import type { RoomConnection } from "../../connections/room-connection";
import { moveClock } from "../../../test/leaving";
import type { PresenceTestRoom } from "../../../test/presence-party";
import { Viewer } from "../../../test/presence-viewer";
import { describePresenceRooms, type TestRoom } from "../../../test/rooms";
import { watchRows } from "../../../test/rows-read";

const DATA = { cursor: { x: 1, y: 2 }, typing: false };

async function membersOf(room: TestRoom<PresenceTestRoom>) {
  return runInDurableObject(room.stub, (party) => structuredClone([...party.presence.members]));
}

describePresenceRooms(
  "presence at rest",
  (open) => {
    it("writes no row", async () => {
      const room = open({ graceMs: 0 });
      const ada = await Viewer.join(room, { user: "ada" });
      const used = await watchRows(room.stub);
      const bob = await Viewer.join(room, { user: "bob" });
      await bob.set(DATA);
      await ada.until(() => ada.get("bob")?.presence !== undefined);
      await bob.socket.close(1000);
      await ada.untilKeys("ada");
      expect(used().statements.filter((text) => text.includes("presence"))).toEqual([]);
    });

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

    it("asks `who` for a connection of a deploy without presence", async () => {
      const joined: string[] = [];
      const room = open({ onJoin: ({ key }) => void joined.push(key) });
      const ada = await Viewer.join(room, { user: "ada" });
      await runInDurableObject(room.stub, (party) => {
        const [connection] = party.getConnections() as unknown as RoomConnection[];
        connection?.data.write({ kept: {} }, "kept");
      });
      await room.sleep();
      const bob = await Viewer.join(room, { user: "bob" });
      await bob.untilKeys("ada", "bob");
      await ada.untilKeys("ada", "bob");
      await vi.waitFor(() => expect(joined.toSorted()).toEqual(["ada", "ada", "bob"]));
    });

    it("keeps the order of members after the first tab of one has left", async () => {
      const room = open({ graceMs: 0 });
      const tab = await Viewer.join(room, { user: "ada", id: "one" });
      await Viewer.join(room, { user: "bob" });
      await Viewer.join(room, { user: "ada", id: "two" });
      await tab.socket.close(1000);
      await vi.waitFor(async () => expect((await membersOf(room))[0]?.devices).toHaveLength(1));
      await room.sleep();
      expect((await membersOf(room)).map(({ key }) => key)).toEqual(["ada", "bob"]);
    });

    it("knows after a sleep that a new tab's member is not listed", async () => {
      const room = open({ graceMs: 0, maxListed: 1 });
      const ada = await Viewer.join(room, { user: "ada" });
      const one = await Viewer.join(room, { user: "bob", id: "one" });
      await ada.until(() => ada.size === 2);
      await Viewer.join(room, { user: "bob", id: "two" });
      await one.socket.close(1000);
      await vi.waitFor(async () => expect((await membersOf(room))[1]?.devices).toHaveLength(1));
      await room.sleep();
      const cy = await Viewer.join(room, { user: "cy" });
      expect(cy.keys).toEqual(["ada", "cy"]);
    });
  },
  "hibernating",
);
