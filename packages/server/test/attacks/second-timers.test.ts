import { runInDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";
import { openTypedRoom } from "../rooms";

it.each(["BATCHED", "BATCHED_IN_MEMORY"] as const)(
  "a window ends, also where it began when the app had all timers that there are (%s)",
  async (kind) => {
    const room = openTypedRoom(kind, {});
    const ada = await room.connect("?_pk=ada", ["partyflare.1"]);
    const bob = await room.connect("?_pk=bob", ["partyflare.1"]);
    await runInDurableObject(room.stub, (party) => {
      const timers: ReturnType<typeof setTimeout>[] = [];
      try {
        for (;;) timers.push(setTimeout(() => {}, 60_000));
      } catch {}
      try {
        party.emit("anything", 1);
      } finally {
        for (const timer of timers) clearTimeout(timer);
      }
    });
    await runInDurableObject(room.stub, (party) => party.emit("anything", 2));
    await scheduler.wait(200);
    for (const socket of [ada, bob]) {
      const sent = socket.received.slice(1).join("\n").split("\n");
      expect(sent).toEqual(['["anything",1]', '["anything",2]']);
    }
  },
);
