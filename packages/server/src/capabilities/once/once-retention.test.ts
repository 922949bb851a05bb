import { runInDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";
import type { DurableRoom, DurableScript } from "../../../test/durable-party";
import { FramedClient, type Operation, told } from "../../../test/framed-client";
import { describeDurableRooms, type TestRoom } from "../../../test/rooms";
import { type StoppedClock, stopClock } from "../../../test/stop-clock";

const kept = (room: TestRoom<DurableRoom>) => runInDurableObject(room.stub, (party) => party.kept);

const KEEPS: DurableScript = {
  post(party, _from, input) {
    if (input === "refused") throw new Error("refused");
    party.keep(String(input));
    return party.kept.length;
  },
  onError: () => {},
};

const UNKNOWN = { code: "unknown_outcome" };
const DAY_MS = 24 * 60 * 60 * 1_000;
const MINUTE_MS = 60_000;

/** What a client sends again of its first call, on whichever connection. */
function repeatOf({ page, hello }: FramedClient): Operation {
  return { page, since: hello.once.since, number: 1, repeat: true };
}

/** What may come between a call and its repeat. */
const BETWEEN: readonly [
  string,
  (room: TestRoom<DurableRoom>, ada: FramedClient, clock: StoppedClock) => unknown,
][] = [
  ["nothing but time", () => {}],
  ["its leaving", (_room, ada) => ada.leave()],
  [
    "its leaving after a sleep",
    async (room, ada, clock) => {
      await room.sleep();
      clock.atMs += 60 * MINUTE_MS;
      await ada.leave();
    },
  ],
  ["a takeover", (room, { key }) => FramedClient.join(room, { key })],
  ["a comeback", async (room, { key }) => (await FramedClient.join(room, { key })).leave()],
  ["a refused call", (_room, ada) => ada.post("refused")],
  [
    "a refused call and a sleep",
    async (room, ada) => {
      await ada.post("refused");
      await room.sleep();
    },
  ],
  [
    "another client's calls",
    async (room, _ada, clock) => {
      const bob = await FramedClient.join(room, { id: "bob" });
      for (let hour = 0; hour < 3; hour += 1) {
        clock.atMs += 60 * MINUTE_MS;
        await bob.post("bob's");
      }
    },
  ],
];

describeDurableRooms("the result of a call that happens once", (open) => {
  it.each(BETWEEN)("is kept for a day, whatever comes between: %s", async (_what, happen) => {
    const clock = stopClock();
    const room = open(KEEPS);
    const ada = await FramedClient.join(room);
    const beganAtMs = Date.now();
    await ada.post("one");
    await happen(room, ada, clock);
    // Not the time of the last call counts, nor that of a departure.
    clock.atMs = beganAtMs + DAY_MS - MINUTE_MS;
    const eve = await FramedClient.join(room, { id: "eve" });
    await eve.post("eve's");
    const back = await FramedClient.join(room, { key: ada.key });
    const { answer } = await back.post("one", repeatOf(ada));
    expect(answer).toEqual(["$reply", 1, 1]);
    expect((await kept(room)).filter((text) => text === "one")).toEqual(["one"]);
  });

  it.each([-1, -2, -3, -400])(
    "is known though the room's clock is put back: by %s days",
    async (days) => {
      const clock = stopClock();
      const room = open(KEEPS);
      const ada = await FramedClient.join(room);
      await ada.post("one");
      clock.atMs += days * DAY_MS;
      await room.sleep();
      const back = await FramedClient.join(room, { key: ada.key });
      expect((await back.post("one", repeatOf(ada))).answer).toEqual(["$reply", 1, 1]);
      // A call between does not make it forgotten, nor does the clock's coming right again.
      await back.post("two", { number: 1 });
      clock.atMs -= days * DAY_MS;
      await room.sleep();
      const again = await FramedClient.join(room, { key: ada.key });
      expect((await again.post("one", repeatOf(ada))).answer).toEqual(["$reply", 1, 1]);
      expect(await kept(room)).toEqual(["one", "two"]);
    },
  );

  it.each(["stays", "leaves"])(
    "is answered or unknown a month later, and the call is not done again: its client %s",
    async (stays) => {
      const clock = stopClock();
      const room = open(KEEPS);
      const ada = await FramedClient.join(room);
      await ada.post("one");
      if (stays === "leaves") await ada.leave();
      const bob = await FramedClient.join(room, { id: "bob" });
      for (let day = 0; day < 30; day += 1) {
        clock.atMs += DAY_MS;
        await bob.post("bob's", { oldest: day + 1 });
      }
      const back = await FramedClient.join(room, { key: ada.key });
      const { answer } = await back.post("one", repeatOf(ada));
      expect([
        ["$reply", 1, 1],
        ["$fail", 1, expect.objectContaining(UNKNOWN)],
      ]).toContainEqual(answer);
      expect((await kept(room)).filter((text) => text === "one")).toEqual(["one"]);
      // What is new is done, on the old page and on a new one.
      expect(
        (await back.post("two", { ...repeatOf(ada), number: 2, repeat: undefined })).answer[0],
      ).toBe("$reply");
      expect((await back.post("three", { number: 1 })).answer[0]).toBe("$reply");
    },
  );

  it("need not be known for a repeat to be carried out, if none of its time was forgotten", async () => {
    const clock = stopClock();
    const room = open(KEEPS);
    const ada = await FramedClient.join(room);
    const bob = await FramedClient.join(room, { id: "bob" });
    await bob.post("bob's");
    clock.atMs += 12 * 60 * MINUTE_MS;
    await room.sleep();
    await bob.post("bob's again");
    const back = await FramedClient.join(room, { key: ada.key });
    expect((await back.post("one", repeatOf(ada))).answer).toEqual(["$reply", 1, 3]);
    expect((await back.post("one", repeatOf(ada))).answer).toEqual(["$reply", 1, 3]);
  });
});

describeDurableRooms("the results that a room stores", (open) => {
  it("have 16 MiB together: beyond, the oldest go first, and their calls are not done again", async () => {
    const length = 500_000;
    const room = open({
      post(party, _from, input) {
        party.keep(String(input));
        return "x".repeat(Number(input));
      },
    });
    const bob = await FramedClient.join(room, { id: "bob" });
    await bob.post(1);
    // The first call of this one never arrives.
    const eve = await FramedClient.join(room, { id: "eve" });
    const ada = await FramedClient.join(room);
    for (let number = 1; number <= 40; number += 1) {
      expect((await ada.post(length, { oldest: 1 })).answer[0]).toBe("$reply");
    }
    const answered: number[] = [];
    for (let number = 1; number <= 40; number += 1) {
      const { answer } = await ada.post(length, { number, oldest: 1, repeat: true });
      if (answer[0] === "$reply") answered.push(number);
      else expect(answer).toMatchObject(["$fail", number, UNKNOWN]);
    }
    const count = answered.length;
    expect(count * (length + 256)).toBeLessThanOrEqual(16 * 1_024 * 1_024);
    expect(count).toBeGreaterThan(25);
    expect(answered).toEqual(Array.from({ length: count }, (_, index) => 41 - count + index));
    expect((await bob.post(1, repeatOf(bob))).answer).toMatchObject(["$fail", 1, UNKNOWN]);
    // Nobody can tell whether it was done: a result of its time was forgotten.
    expect((await eve.post(1, repeatOf(eve))).answer).toMatchObject(["$fail", 1, UNKNOWN]);
    expect((await eve.post(1, { number: 2 })).answer).toEqual(["$reply", 2, "x"]);
    const late = await FramedClient.join(room, { id: "late" });
    expect((await late.post(1, repeatOf(late))).answer).toEqual(["$reply", 1, "x"]);
    expect((await kept(room)).length).toBe(43);
  });
});

describeDurableRooms("a call that happens once, and a wiped storage", (open) => {
  const wipe = (room: TestRoom<DurableRoom>) =>
    runInDurableObject(room.stub, (_party, { storage }) => storage.deleteAll());

  it("is carried out if it is sent for the first time, after the client was told", async () => {
    const room = open(KEEPS);
    const ada = await FramedClient.join(room);
    await ada.post("one");
    await wipe(room);
    const { before, answer } = await ada.post("two");
    expect(answer).toEqual(["$reply", 2, 1]);
    expect(before.map(([name]) => name).toSorted()).toEqual(["$history", "$once"]);
    expect(told(before, "$once")).toEqual([{ calls: ["post", "put"], since: expect.any(String) }]);
    expect(await kept(room)).toEqual(["two"]);
  });

  it("has no known outcome if it is a repeat, even of a call that never arrived", async () => {
    const room = open(KEEPS);
    const ada = await FramedClient.join(room);
    const bob = await FramedClient.join(room, { id: "bob" });
    await ada.post("one");
    await wipe(room);
    for (const client of [bob, ada]) {
      const { answer } = await client.post("one", repeatOf(client));
      expect(answer).toMatchObject(["$fail", 1, UNKNOWN]);
    }
    expect(await kept(room)).toEqual([]);
  });

  it("goes by the `since` of which the client was told: its repeats are carried out", async () => {
    const room = open(KEEPS);
    const ada = await FramedClient.join(room);
    await ada.post("one");
    await wipe(room);
    const { before } = await ada.post("one", repeatOf(ada));
    const [once] = told(before, "$once") as { since: string }[];
    const since = once?.since ?? "never told";
    expect(since).not.toBe(ada.hello.once.since);
    const repeat = { number: 2, since, repeat: true } as const;
    expect((await ada.post("two", repeat)).answer).toEqual(["$reply", 2, 1]);
    expect((await ada.post("two", repeat)).answer).toEqual(["$reply", 2, 1]);
    const back = await FramedClient.join(room, { key: ada.key });
    expect((await back.post("two", { ...repeat, page: ada.page })).answer).toEqual([
      "$reply",
      2,
      1,
    ]);
    expect(await kept(room)).toEqual(["two"]);
  });

  it("is the same after a second wipe: every one begins anew", async () => {
    const room = open(KEEPS);
    const ada = await FramedClient.join(room);
    const sinces = new Set([ada.hello.once.since]);
    for (const number of [1, 2, 3]) {
      await wipe(room);
      const { before, answer } = await ada.post(`call ${number}`);
      expect(answer).toEqual(["$reply", number, 1]);
      const [once, ...more] = told(before, "$once") as { since: string }[];
      expect(more).toEqual([]);
      sinces.add(once?.since ?? "never told");
    }
    expect(sinces.size).toBe(4);
  });
});
