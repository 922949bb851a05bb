import { runInDurableObject } from "cloudflare:test";
import { expect, it, vi } from "vitest";
import { openTypedRoom } from "../rooms";
import { withoutTimers } from "../without-timers";

it.each(["BATCHED", "BATCHED_IN_MEMORY"] as const)(
  "a window ends, also where it began when the app had all timers that there are (%s)",
  async (kind) => {
    const room = openTypedRoom(kind, {});
    const ada = await room.connect("?_pk=ada", ["partyflare.1"]);
    const bob = await room.connect("?_pk=bob", ["partyflare.1"]);
    await runInDurableObject(room.stub, (party) => withoutTimers(() => party.emit("anything", 1)));
    await runInDurableObject(room.stub, (party) => party.emit("anything", 2));
    for (const { received } of [ada, bob]) {
      const events = () => received.slice(1).join("\n").split("\n");
      await vi.waitFor(() => expect(events()).toEqual(['["anything",1]', '["anything",2]']), {
        timeout: 60_000,
      });
    }
  },
);
