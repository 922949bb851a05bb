import { runInDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";
import type { DurableRoom, DurableScript } from "../../test/durable-party";
import { type Frame, FramedClient, type Place, told } from "../../test/framed-client";
import { describeDurableRooms, type TestRoom } from "../../test/rooms";

type Room = TestRoom<DurableRoom>;

const POSTS: DurableScript = {
  post(party, _from, input) {
    if (input === "refused") throw new Error("refused");
    party.emit("said", input);
    party.keep(String(input));
    return input;
  },
  onError: () => {},
};

const wipe = (room: Room) =>
  runInDurableObject(room.stub, (_party, { storage }) => storage.deleteAll());

/** What a room that has just been wiped may be asked for. */
const STEPS = {
  "a durable event": (room: Room) =>
    runInDurableObject(room.stub, (party) => party.emit("said", "event")),
  "a once call": async (_room: Room, { post }: Steps) => {
    expect((await post("call")).at(-1)?.[0]).toBe("$reply");
  },
  "a refused once call": async (_room: Room, { post }: Steps) => {
    expect((await post("refused")).at(-1)?.[0]).toBe("$fail");
  },
  "a transaction that is rolled back": (room: Room) =>
    runInDurableObject(room.stub, (party) => {
      const rolledBack = () =>
        party.transact(() => {
          party.emit("said", "never");
          throw new Error("rolled back");
        });
      expect(rolledBack).toThrow("rolled back");
    }),
  "a client that joins": async (room: Room) => {
    await (await FramedClient.join(room, { id: "bob" })).leave();
  },
  "a look at the past": (room: Room) =>
    runInDurableObject(room.stub, (party) => void [party.history.head, party.history.read()]),
} as const;

interface Steps {
  /** A call by the client that is there all along; what it received until the answer. */
  post(input: string): Promise<Frame[]>;
}

type Step = keyof typeof STEPS;

/** Every order of three steps. */
function orders(steps: readonly Step[]): Step[][] {
  return steps.flatMap((first) =>
    steps
      .filter((second) => second !== first)
      .flatMap((second) =>
        steps
          .filter((third) => third !== first && third !== second)
          .map((third) => [first, second, third]),
      ),
  );
}

/** What the room says to a client that joins now. */
async function greeting(room: Room) {
  const client = await FramedClient.join(room, { id: `late-${crypto.randomUUID()}` });
  await client.leave();
  return client.hello;
}

describeDurableRooms("a storage that was wiped", (open) => {
  const kept: Step[] = ["a durable event", "a once call", "a client that joins"];
  const rolledBack: Step[] = [
    "a refused once call",
    "a transaction that is rolled back",
    "a look at the past",
  ];
  const mixed: Step[] = ["a refused once call", "a durable event", "a look at the past"];
  it.each([...orders(kept), ...orders(rolledBack), ...orders(mixed)].map((order) => ({ order })))(
    "is announced once, and serves $order.0, $order.1 and $order.2",
    async ({ order }) => {
      const room = open(POSTS);
      const ada = await FramedClient.join(room);
      await ada.post("before");
      const before = await greeting(room);
      await wipe(room);
      const frames: Frame[] = [];
      const post = async (input: string) => {
        const { before: first, answer } = await ada.post(input);
        frames.push(...first, answer);
        return frames;
      };
      for (const step of order) await STEPS[step](room, { post });
      // Whatever was asked for, the room is the same from now on.
      await STEPS["a durable event"](room);
      await post("last");
      frames.push(...(await ada.received()));
      const after = await greeting(room);
      expect(after.history.epoch).not.toBe(before.history.epoch);
      expect(after.once.since).not.toBe(before.once.since);
      const resumes = told(frames, "$history") as Place[];
      expect(resumes).toMatchObject([{ epoch: after.history.epoch, offset: 0, recovered: false }]);
      expect(told(frames, "$once").length).toBe(1);
      const offsets = frames
        .filter(([name]) => name === "said")
        .map(([, , offset]) => Number(offset));
      expect(offsets).toEqual(offsets.map((_, index) => index + 1));
      // The notices come before anything that is new.
      const first = frames.findIndex(([name]) => name === "said");
      expect(frames.slice(0, first).map(([name]) => name)).toEqual(
        expect.arrayContaining(["$history", "$once"]),
      );
      expect(after.history.offset).toBe(offsets.at(-1));
    },
  );

  it("is announced with each wipe, and each epoch is another", async () => {
    const room = open(POSTS);
    const ada = await FramedClient.join(room);
    const epochs = [ada.hello.history.epoch];
    for (let count = 0; count < 3; count += 1) {
      await wipe(room);
      if (count === 1) await room.sleep();
      const { before, answer } = await ada.post(String(count));
      expect(answer[0]).toBe("$reply");
      const [resume, ...more] = told(before, "$history") as Place[];
      expect(more).toEqual([]);
      epochs.push(resume?.epoch ?? "never told");
    }
    expect(new Set(epochs).size).toBe(4);
    expect(epochs.at(-1)).toBe((await greeting(room)).history.epoch);
  });

  it("in the middle of a handler serves what follows in it", async () => {
    const room = open({
      async say(party, _from, text) {
        party.emit("said", "before");
        await party.storage.deleteAll();
        party.emit("said", text);
        expect(party.history.head).toBe(1);
      },
    });
    const ada = await FramedClient.join(room);
    await ada.socket.sendFrame("say", "after");
    const frames = await ada.received();
    const names = frames.map(([name, data]) => [name, name === "said" ? data : undefined]);
    expect(names[0]).toEqual(["said", "before"]);
    expect(names.at(-1)).toEqual(["said", "after"]);
    expect(told(frames, "$history")).toMatchObject([{ offset: 0, recovered: false }]);
    expect(frames.some(([name]) => name === "$error")).toBe(false);
  });

  it("is announced in the transaction that finds it, once that is committed", async () => {
    const room = open(POSTS);
    const ada = await FramedClient.join(room);
    await ada.post("before");
    await wipe(room);
    await runInDurableObject(room.stub, (party) =>
      party.transact(() => {
        party.emit("said", "one");
        party.emit("said", "two");
      }),
    );
    const frames = await ada.received();
    const { history } = await greeting(room);
    expect(told(frames, "$history")).toMatchObject([{ epoch: history.epoch, offset: 0 }]);
    expect(frames.slice(-2).map(([, data, offset]) => [data, offset])).toEqual([
      ["one", 1],
      ["two", 2],
    ]);
  });
});

describeDurableRooms("the epoch of a storage", (open) => {
  it("stays over sleeps, rollbacks, refused calls and comebacks", async () => {
    const room = open(POSTS);
    const ada = await FramedClient.join(room);
    const { epoch } = ada.hello.history;
    const post = async (input: string) => {
      const { before, answer } = await ada.post(input);
      return [...before, answer];
    };
    for (const step of Object.values(STEPS)) {
      await step(room, { post });
      await room.sleep();
      expect((await greeting(room)).history.epoch).toBe(epoch);
    }
    expect(told(await ada.received(), "$history")).toEqual([]);
  });

  it("is one, when the first thing that ever happens is rolled back", async () => {
    const room = open(POSTS);
    const ada = await FramedClient.join(room);
    expect((await ada.post("refused")).answer[0]).toBe("$fail");
    await room.sleep();
    const { before } = await ada.post("one");
    expect(told(before, "$history")).toEqual([]);
    expect((await greeting(room)).history.epoch).toBe(ada.hello.history.epoch);
  });
});

describeDurableRooms("the tables of a room", (open) => {
  it("are the library's own three, by their names", async () => {
    const room = open(POSTS);
    const ada = await FramedClient.join(room);
    await ada.post("one");
    const names = await runInDurableObject(room.stub, (_party, { storage }) =>
      storage.sql
        .exec<{ name: string }>(`SELECT name FROM sqlite_master WHERE name LIKE 'partyflare%'`)
        .toArray()
        .map(({ name }) => name)
        .toSorted(),
    );
    expect(names).toEqual(["partyflare_history", "partyflare_metadata", "partyflare_once"]);
  });
});
