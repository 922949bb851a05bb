import { runInDurableObject } from "cloudflare:test";
import { expect, it, vi } from "vitest";
import type { DurableRoom, DurableScript } from "../../../test/durable-party";
import {
  dataIn,
  eventsIn,
  type Frame,
  FramedClient,
  type Place,
  silentGaps,
  told,
} from "../../../test/framed-client";
import { describeDurableRooms, type TestRoom } from "../../../test/rooms";

type Room = TestRoom<DurableRoom>;

/** An event of which one replayed message holds no second. */
const LARGE = "x".repeat(200_000);

/** The last of all, which a reader waits for. */
const END = "the end";

const isEnd = ([, data]: Frame) => data === END;

const emit = (room: Room, ...data: unknown[]) =>
  runInDurableObject(room.stub, (party) => {
    for (const each of data) party.emit("said", each);
  });

/**
 * A room with a client that has been there from the beginning, and has missed large events.
 *
 * @param meanwhile runs in `onConnect` of the client that comes back: by then its replay has sent
 *   one message, and waits to send the next.
 */
async function openBehind(
  open: (script: DurableScript) => Room,
  script: DurableScript = {},
  meanwhile: (party: DurableRoom) => unknown = () => {},
) {
  let connections = 0;
  let isOver = false;
  const room = open({
    ...script,
    async onConnect(party) {
      connections += 1;
      if (connections !== 2) return;
      await meanwhile(party);
      isOver = true;
    },
  });
  const ada = await FramedClient.join(room, { id: "ada" });
  await ada.leave();
  for (let index = 0; index < 4; index += 1) await emit(room, LARGE);
  return {
    room,
    comeBack: () => FramedClient.join(room, { key: ada.key, at: ada.place }),
    /** All frames up to an event that is emitted when the replay is over. */
    async readAll(client: FramedClient): Promise<Frame[]> {
      const headOf = () => runInDurableObject(room.stub, (party) => party.history.head);
      await vi.waitFor(
        async () => {
          expect(isOver).toBe(true);
          expect(client.reached).toBe(await headOf());
        },
        { timeout: 60_000, interval: 20 },
      );
      await emit(room, END);
      return client.until(isEnd);
    },
  };
}

function emitMany(party: DurableRoom, count: number): void {
  for (let index = 0; index < count; index += 1) party.emit("said", index);
}

describeDurableRooms("a replay", (open) => {
  it("of large events comes in several messages, each event once and in order", async () => {
    const { comeBack, readAll } = await openBehind(open);
    const back = await comeBack();
    const frames = await readAll(back);
    expect(back.hello.history.recovered).toBe(true);
    expect(eventsIn(frames).map(([, , offset]) => offset)).toEqual([1, 2, 3, 4, 5]);
    expect(told(frames, "$history")).toEqual([]);
    expect(back.socket.received.length).toBeGreaterThan(3);
  });

  it.each([1, 3, 4, 5, 9])(
    "that the ring overtakes by %d events tells of the gap before anything newer",
    async (count) => {
      const script = { history: { keepEvents: 4 } };
      const { room, comeBack, readAll } = await openBehind(open, script, (party) =>
        emitMany(party, count),
      );
      const back = await comeBack();
      const frames = await readAll(back);
      expect(silentGaps(back.hello, frames)).toEqual([]);
      // One event had been sent already, so one may be overwritten.
      const resumes = told(frames, "$history") as Place[];
      expect(resumes.length).toBe(count > 1 ? 1 : 0);
      for (const { epoch, recovered } of resumes) {
        expect([epoch, recovered]).toEqual([back.hello.history.epoch, false]);
      }
      // The place of which it was told is one to come back to.
      const again = await FramedClient.join(room, { key: back.key, at: back.place });
      expect(again.hello.history.recovered).toBe(true);
      expect(await again.received()).toEqual([]);
    },
  );

  it("that bytes overtake tells of the gap too", async () => {
    const script = { history: { keepBytes: 1_000_000 } };
    const { comeBack, readAll } = await openBehind(open, script, (party) => {
      for (let count = 0; count < 4; count += 1) party.emit("said", LARGE);
    });
    const back = await comeBack();
    const frames = await readAll(back);
    expect(silentGaps(back.hello, frames)).toEqual([]);
    expect(told(frames, "$history").length).toBe(1);
  });

  it("that is overtaken again and again ends, and hides no gap", async () => {
    const script = { history: { keepEvents: 4 } };
    const { comeBack, readAll } = await openBehind(open, script, async (party) => {
      for (let count = 0; count < 6; count += 1) {
        for (let each = 0; each < 5; each += 1) party.emit("said", LARGE);
        await scheduler.wait(30);
      }
    });
    const back = await comeBack();
    const frames = await readAll(back);
    expect(silentGaps(back.hello, frames)).toEqual([]);
    expect(told(frames, "$history").length).toBeGreaterThan(0);
  });

  it("in which the storage is wiped is followed by the new epoch's events, from the first", async () => {
    const { room, comeBack, readAll } = await openBehind(open, {}, async (party) => {
      await party.storage.deleteAll();
      emitMany(party, 3);
    });
    const back = await comeBack();
    const frames = await readAll(back);
    const resumes = told(frames, "$history") as Place[];
    expect(resumes).toMatchObject([{ offset: 0, recovered: false }]);
    expect(resumes[0]?.epoch).not.toBe(back.hello.history.epoch);
    expect(silentGaps(back.hello, frames)).toEqual([]);
    const news = frames.slice(frames.findIndex(([name]) => name === "$history"));
    expect(dataIn(news)).toEqual([0, 1, 2, END]);
    const fresh = await FramedClient.join(room, { id: "fresh" });
    expect(fresh.hello.history.epoch).toBe(resumes[0]?.epoch);
  });

  it("in which the storage is wiped, and grows past the old place, hides no gap", async () => {
    const script = { history: { keepEvents: 4 } };
    const { comeBack, readAll } = await openBehind(open, script, async (party) => {
      await party.storage.deleteAll();
      emitMany(party, 9);
    });
    const back = await comeBack();
    const frames = await readAll(back);
    expect(silentGaps(back.hello, frames)).toEqual([]);
    expect(back.place.epoch).not.toBe(back.hello.history.epoch);
    expect(back.place.offset).toBe(10);
  });

  it("in which a transaction is rolled back sends nothing of it, and nothing twice", async () => {
    const { comeBack, readAll } = await openBehind(open, {}, (party) => {
      const rolledBack = () =>
        party.transact(() => {
          emitMany(party, 3);
          throw new Error("rolled back");
        });
      expect(rolledBack).toThrow("rolled back");
      party.emit("said", "kept");
    });
    const back = await comeBack();
    const frames = await readAll(back);
    expect(dataIn(frames)).toEqual([LARGE, LARGE, LARGE, LARGE, "kept", END]);
    expect(silentGaps(back.hello, frames)).toEqual([]);
  });

  it("whose connection is taken over goes on with the new one alone", async () => {
    const { comeBack, readAll } = await openBehind(open);
    const first = await comeBack();
    const second = await comeBack();
    await first.socket.closed();
    const frames = await readAll(second);
    expect(silentGaps(second.hello, frames)).toEqual([]);
    expect(eventsIn(frames).length).toBe(5);
  });

  it("goes by the tags of each moment: what is hidden in the middle is not sent", async () => {
    const { comeBack, readAll } = await openBehind(
      open,
      {
        getConnectionTags: () => ["red"],
        say: (party, _from, text) => party.emit("said", text, { tags: ["red"] }),
      },
      (party) => {
        party.emit("said", "for red", { tags: ["red"] });
        party.getConnection("ada")?.setTags([]);
        party.emit("said", "for red again", { tags: ["red"] });
        party.emit("said", "for all");
      },
    );
    const frames = await readAll(await comeBack());
    expect(dataIn(frames)).toEqual([LARGE, LARGE, LARGE, LARGE, "for all", END]);
  });
});
