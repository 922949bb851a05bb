import { runInDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";
import { type DurableRoom, durableScripts } from "../durable-party";
import { dataIn, eventsIn, FramedClient } from "../framed-client";
import { openDurableRoom, type TestRoom } from "../rooms";
import { withoutTimers } from "../without-timers";

type Room = TestRoom<DurableRoom>;

const emit = (room: Room, first: number, last: number) =>
  runInDurableObject(room.stub, (party) => {
    for (let n = first; n <= last; n += 1) party.emit("said", n);
  });

const past = (room: Room) =>
  runInDurableObject(room.stub, (party) => party.history.read().map(({ data }) => data));

/** Looks at the history in a transaction of the app's own, which is rolled back. */
function lookInVain(party: DurableRoom): void {
  try {
    party.transactByPlatform(() => {
      void party.history.head;
      throw new Error("rolled back");
    });
  } catch {}
}

/** What a release without history() has left: an epoch, and no table of events. */
async function openWithoutHistory(keepEvents: number): Promise<Room> {
  const room = openDurableRoom("HIBERNATING_DURABLE", { history: { keepEvents } });
  await (await FramedClient.join(room)).leave();
  await runInDurableObject(room.stub, (_party, { storage }) => {
    storage.sql.exec(`DROP TABLE partyflare_history`);
    storage.sql.exec(`DELETE FROM partyflare_metadata WHERE name LIKE 'slots%'`);
  });
  await room.sleep();
  return room;
}

it.each([
  ["a look", 20],
  ["an event", 21],
])(
  "a ring that was laid out in a rolled back platform transaction is laid out again: by %s",
  async (_what, last) => {
    const room = openDurableRoom("HIBERNATING_DURABLE", { history: { keepEvents: 10 } });
    const ada = await FramedClient.join(room);
    await emit(room, 1, 16);
    await ada.received();
    await ada.leave();
    await emit(room, 17, 20);
    await room.sleep();
    // A deploy that keeps fewer.
    durableScripts.set(room.name, { history: { keepEvents: 5 } });
    await runInDurableObject(room.stub, (party) => {
      lookInVain(party);
      for (let n = 21; n <= last; n += 1) party.emit("said", n);
    });
    const kept = [1, 2, 3, 4, 5].map((n) => last - 5 + n);
    expect(await past(room)).toEqual(kept);
    const back = await FramedClient.join(room, { key: ada.key, at: ada.place });
    expect(dataIn(await back.received())).toEqual([17, 18, 19, 20, 21].filter((n) => n <= last));
    await room.sleep();
    expect(await past(room)).toEqual(kept);
  },
);

it("a first look in a rolled back platform transaction has not written the number of slots", async () => {
  const room = await openWithoutHistory(10);
  await runInDurableObject(room.stub, lookInVain);
  await emit(room, 1, 18);
  await room.sleep();
  durableScripts.set(room.name, { history: { keepEvents: 7 } });
  await emit(room, 19, 19);
  expect(await past(room)).toEqual([13, 14, 15, 16, 17, 18, 19]);
});

it("a table that a rolled back async transaction created is created again", async () => {
  const room = await openWithoutHistory(10);
  await runInDurableObject(room.stub, async (party) => {
    await party.storage
      .transaction(async () => {
        party.emit("said", "ghost");
        await party.storage.get("nothing");
        throw new Error("rolled back");
      })
      .catch(() => {});
  });
  await emit(room, 2, 3);
  expect(await past(room)).toEqual([2, 3]);
});

it("a room may look at its history as often as it likes in its first turn", async () => {
  const room = openDurableRoom("HIBERNATING_DURABLE");
  const heads = await runInDurableObject(room.stub, (party) =>
    // The platform has at most 10,000 timers at a time.
    Array.from({ length: 12_000 }, () => party.history.head),
  );
  expect(new Set(heads)).toEqual(new Set([0]));
});

it.each(["in a new room", "in one that has events"])(
  "an event is sent, also where the app has all timers that there are: %s",
  async (where) => {
    const room = openDurableRoom("HIBERNATING_DURABLE");
    const ada = await FramedClient.join(room);
    if (where === "in one that has events") await emit(room, 1, 1);
    await scheduler.wait(100);
    await runInDurableObject(room.stub, (party) => withoutTimers(() => party.emit("said", 2)));
    await emit(room, 3, 3);
    expect(dataIn(await ada.received()).slice(-2)).toEqual([2, 3]);
    expect((await past(room)).slice(-2)).toEqual([2, 3]);
  },
);

it.each(["nothing", "an event", "a look"])(
  "no offset means two events: the platform's in the library's, and a nested one with %s is rolled back",
  async (what) => {
    const room = openDurableRoom("HIBERNATING_DURABLE");
    const ada = await FramedClient.join(room);
    const rolledBack = (run: () => void) => {
      try {
        run();
      } catch {}
    };
    const fail = () => {
      throw new Error("rolled back");
    };
    await runInDurableObject(room.stub, (party) => {
      const nested = () =>
        rolledBack(() =>
          party.transact(() => {
            if (what === "an event") party.emit("said", "never");
            if (what === "a look") void party.history.head;
            fail();
          }),
        );
      for (const isWithin of [true, false]) {
        party.transact(() => {
          party.emit("said", "before");
          rolledBack(() =>
            party.transactByPlatform(() => {
              party.emit("said", "ghost");
              if (isWithin) nested();
              fail();
            }),
          );
          if (!isWithin) nested();
          party.emit("said", "behind");
        });
      }
    });
    const offsets = eventsIn(await ada.received()).map(([, , offset]) => offset);
    expect(offsets).toEqual([1, 2, 3, 4, 5, 6]);
  },
);
