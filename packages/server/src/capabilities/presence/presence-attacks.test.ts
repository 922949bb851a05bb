import { decodeServerFrame } from "@partyflare/shared/internal";
import { describe, expect, it, vi } from "vitest";
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
