import { decodeServerFrame } from "@partyflare/shared/internal";
import { expect, it, vi } from "vitest";
import { Viewer } from "../../../test/presence-viewer";
import { describePresenceRooms } from "../../../test/rooms";
import type { TestSocket } from "../../../test/test-socket";

const DATA = { cursor: null, typing: false };

/** Data that nests as deep. */
function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = [value];
  return value;
}

/** The frames of a socket that our client cannot read. */
function unreadable({ received }: TestSocket): string[] {
  return received
    .flatMap((message) => String(message).split("\n"))
    .filter((text) => {
      try {
        decodeServerFrame(text);
        return false;
      } catch {
        return true;
      }
    });
}

describePresenceRooms("presence against a hostile member", (open) => {
  it("sends no data that nests so deep that no client can read its frame", async () => {
    const room = open({ windowMs: 0 });
    const ada = await Viewer.join(room, { user: "ada" });
    const eve = await Viewer.join(room, { user: "eve" });
    await eve.set({ ...DATA, free: nested(60) });
    const isShown = () => ada.get("eve")?.presence !== undefined;
    await eve.until(() => isShown() || eve.refusals.length > 0);
    expect(eve.refusals).toMatchObject([{ error: { code: "too_large" } }]);
    const bob = await Viewer.join(room, { user: "bob" });
    expect(unreadable(ada.socket)).toEqual([]);
    expect(unreadable(bob.socket)).toEqual([]);
  });

  it("sends no public data that no client can read", async () => {
    const profiles = [JSON.parse('{"__proto__":{"a":1}}') as unknown, nested(62)];
    const onError = vi.fn(() => {});
    for (const profile of profiles) {
      const room = open({
        windowMs: 0,
        who: ({ state: { user, name } }) => ({
          key: user,
          name,
          ...(user === "eve" && { profile }),
        }),
        onError,
      });
      const ada = await Viewer.join(room, { user: "ada" });
      await Viewer.join(room, { user: "eve" }).catch(() => {});
      const bob = await Viewer.join(room, { user: "bob" });
      await ada.until(() => ada.size >= 2);
      expect(unreadable(ada.socket)).toEqual([]);
      expect(unreadable(bob.socket)).toEqual([]);
    }
  });
});

describePresenceRooms("presence of a connection that takes over its own id", (open) => {
  it("is listed once in its hello, and not beside the connection that it replaces", async () => {
    const room = open();
    await Viewer.join(room, { user: "ada", id: "one" });
    const again = await Viewer.join(room, { user: "ada", id: "one" });
    const [hello = ""] = String(again.socket.received[0]).split("\n");
    const [, parts] = JSON.parse(hello) as [string, { presence: unknown }];
    expect(parts.presence).toMatchObject({ members: [{ key: "ada", devices: [["one", null]] }] });
  });
});

function bytesOf({ socket }: Viewer): number {
  return socket.received.reduce((sum, message) => sum + String(message).length, 0);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

describePresenceRooms(
  "presence against a member with many tabs",
  (open) => {
    // `maxListed` counts members. Two devices of one member in one window sent the member as a
    // whole, with the data of all its devices, to every client.
    it("sends about as much as two tabs of a person have sent, whatever other tabs it has", async () => {
      const room = open();
      const ada = await Viewer.join(room, { user: "ada" });
      const tabs: Viewer[] = [];
      // Every tab is sent, and keeps, what all the others send: 100 would take a gigabyte.
      for (let tab = 0; tab < 30; tab += 1) {
        const eve = await Viewer.join(room, { user: "eve", id: `tab${tab}` });
        await eve.set({ ...DATA, note: "x".repeat(1_900) });
        tabs.push(eve);
      }
      await ada.until(
        () => ada.get("eve")?.devices.filter((device) => device.presence).length === tabs.length,
      );
      await pause(200);
      const before = bytesOf(ada);
      for (const typing of [true, false]) {
        await tabs[0]?.set({ typing });
        await tabs[1]?.set({ typing });
      }
      await pause(300);
      // It was 60,000 for four frames of 50 bytes.
      expect(bytesOf(ada) - before).toBeLessThan(10_000);
    });
  },
  "awake",
);
