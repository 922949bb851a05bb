import { runInDurableObject } from "cloudflare:test";
import { KEEP_RESULTS_MS, randomKey } from "@partyflare/shared";
import { expect, it, onTestFinished, vi } from "vitest";
import { describeDurableRooms, type TestRoom } from "../../../test/rooms";
import type { DurableRoom } from "../../../test/durable-party";

interface Hello {
  once: { calls: string[]; since: string; latest: number };
}

/** A client that has a key, and what the room greeted it with. */
async function join(room: TestRoom<DurableRoom>, key = randomKey(), id = "ada") {
  const socket = await room.connect(`?_pk=${id}`, ["partyflare.1", `partyflare.key.${key}`]);
  const [, { once }] = (await socket.frame()) as [string, Hello];
  const post = (id: number, input: unknown, operation: number, since = once.since) =>
    socket.sendFrame("$call", id, "post", input, [operation, since]);
  return { socket, once, post, key };
}

/** The frames of the messages that come, until there are so many. */
async function framesOf(socket: { next(): Promise<unknown> }, count: number): Promise<unknown[]> {
  const frames: unknown[] = [];
  while (frames.length < count) {
    frames.push(
      ...String(await socket.next())
        .split("\n")
        .map((text) => JSON.parse(text) as unknown),
    );
  }
  return frames;
}

const kept = (room: TestRoom<DurableRoom>) => runInDurableObject(room.stub, (party) => party.kept);

describeDurableRooms("a call that happens once", (open) => {
  it("is told of with the hello", async () => {
    const { once } = await join(open());
    expect(once).toEqual({ calls: ["post"], since: expect.stringMatching(/^\w+\.0$/), latest: 0 });
  });

  it("is carried out once, and answered again, on this connection and the next", async () => {
    const room = open({
      post(party, _from, input) {
        party.keep(String(input));
        party.emit("said", input);
        return { count: party.kept.length };
      },
    });
    const ada = await join(room);
    await ada.post(0, "one", 1);
    const answer = ["$reply", 0, { count: 1 }];
    expect(await framesOf(ada.socket, 2)).toEqual([["said", "one", 1], answer]);
    await ada.post(0, "one", 1);
    expect(await ada.socket.frame()).toEqual(answer);
    const again = await join(room, ada.key);
    expect(again.once.latest).toBe(1);
    await again.post(7, "one", 1, ada.once.since);
    expect(await again.socket.frame()).toEqual(["$reply", 7, { count: 1 }]);
    expect(await kept(room)).toEqual(["one"]);
  });

  it("leaves nothing behind when its handler throws, and may be tried again", async () => {
    let refuses = true;
    const room = open({
      post(party, from, input) {
        party.keep(String(input));
        party.emit("said", input);
        from.send("sent");
        if (refuses) throw new Error("a reason that is nobody's business");
        return "done";
      },
      onError: () => {},
    });
    const ada = await join(room);
    await ada.post(0, "one", 1);
    expect(await ada.socket.frame()).toMatchObject(["$fail", 0, { code: "internal" }]);
    expect(await kept(room)).toEqual([]);
    refuses = false;
    await ada.post(0, "one", 1);
    expect(await framesOf(ada.socket, 3)).toEqual([
      ["said", "one", 1],
      ["$text", "sent"],
      ["$reply", 0, "done"],
    ]);
    expect(await kept(room)).toEqual(["one"]);
  });

  it("that is asynchronous is begun once, and what came of it is stored", async () => {
    let end = (_result: string) => {};
    const room = open({
      post(party, _from, input) {
        party.keep(String(input));
        return new Promise((resolve) => (end = resolve));
      },
    });
    const ada = await join(room);
    ada.socket.sendAll([JSON.stringify(["$call", 0, "post", "one", [1, ada.once.since]])]);
    await vi.waitFor(async () => expect(await kept(room)).toEqual(["one"]));
    await runInDurableObject(room.stub, () => end("done"));
    expect(await ada.socket.frame()).toEqual(["$reply", 0, "done"]);
    const again = await join(room, ada.key);
    await again.post(1, "one", 1);
    expect(await again.socket.frame()).toEqual(["$reply", 1, "done"]);
    expect(await kept(room)).toEqual(["one"]);
  });

  it("that was begun in another life of the room has an outcome that nobody knows", async () => {
    const room = open({ post: (party, _from, input) => party.keep(String(input)) });
    const ada = await join(room);
    await ada.post(0, "one", 1);
    await ada.socket.next();
    await runInDurableObject(room.stub, (_party, { storage }) => {
      storage.sql.exec(`UPDATE partyflare_calls SET result = NULL`);
    });
    await ada.post(0, "one", 1);
    expect(await ada.socket.frame()).toMatchObject(["$fail", 0, { code: "unknown_outcome" }]);
    expect(await kept(room)).toEqual(["one"]);
  });

  it("has no known outcome once its result was replaced, and is not carried out again", async () => {
    const room = open({ post: (party, _from, input) => party.keep(String(input)) });
    const ada = await join(room);
    for (const operation of [1, 2, 65]) {
      await ada.post(operation, operation, operation);
      expect(await ada.socket.frame()).toEqual(["$reply", operation]);
    }
    await ada.post(1, 1, 1);
    expect(await ada.socket.frame()).toMatchObject(["$fail", 1, { code: "unknown_outcome" }]);
    await ada.post(2, 2, 2);
    expect(await ada.socket.frame()).toEqual(["$reply", 2]);
    expect(await kept(room)).toEqual(["1", "2", "65"]);
  });

  it("is remembered for ten minutes after its client has left, and then known as forgotten", async () => {
    const room = open({ post: (party, _from, input) => party.keep(String(input)) });
    vi.useFakeTimers({ toFake: ["Date"] });
    onTestFinished(() => void vi.useRealTimers());
    const ada = await join(room);
    await ada.post(0, "one", 1);
    await ada.socket.next();
    await ada.socket.close(1000);
    await ada.socket.closed();
    vi.setSystemTime(Date.now() + KEEP_RESULTS_MS - 60_000);
    const bob = await join(room, randomKey(), "bob");
    await bob.post(0, "two", 1);
    await bob.socket.next();
    const back = await join(room, ada.key);
    expect(back.once.latest).toBe(1);
    await back.socket.close(1000);
    await back.socket.closed();
    vi.setSystemTime(Date.now() + 2 * KEEP_RESULTS_MS);
    await bob.post(1, "three", 2);
    await bob.socket.next();
    const late = await join(room, ada.key, "late");
    expect(late.once.since).not.toBe(ada.once.since);
    await late.post(0, "one", 1, ada.once.since);
    expect(await late.socket.frame()).toMatchObject(["$fail", 0, { code: "unknown_outcome" }]);
    await late.post(1, "four", 2);
    expect(await late.socket.frame()).toEqual(["$reply", 1]);
    expect(await kept(room)).toEqual(["one", "two", "three", "four"]);
  });

  it("of a client that has been here all along is carried out, when others are forgotten", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    onTestFinished(() => void vi.useRealTimers());
    const room = open({ post: (party, _from, input) => party.keep(String(input)) });
    const [ada, bob, eve] = [
      await join(room),
      await join(room, randomKey(), "bob"),
      await join(room, randomKey(), "eve"),
    ];
    await ada.post(0, "one", 1);
    await ada.socket.next();
    await ada.socket.close(1000);
    await ada.socket.closed();
    vi.setSystemTime(Date.now() + 2 * KEEP_RESULTS_MS);
    await bob.post(0, "two", 1);
    const [[name, once]] = (await framesOf(eve.socket, 1)) as [[string, Hello["once"]]];
    expect(name).toBe("$once");
    expect(once.since).not.toBe(eve.once.since);
    await eve.post(0, "three", 1, once.since);
    expect(await eve.socket.frame()).toEqual(["$reply", 0]);
    expect(await kept(room)).toEqual(["one", "two", "three"]);
  });

  it("belongs to its key: another client's operation of the same number is another one", async () => {
    const room = open({ post: (party, _from, input) => (party.keep(String(input)), input) });
    const [ada, bob] = [await join(room), await join(room, randomKey(), "bob")];
    await ada.post(0, "ada", 1);
    await bob.post(0, "bob", 1);
    expect(await ada.socket.frame()).toEqual(["$reply", 0, "ada"]);
    expect(await bob.socket.frame()).toEqual(["$reply", 0, "bob"]);
  });

  it.each([[0, "x"], [-1, "x"], [1.5, "x"], ["1", "x"], [1], [1, "x".repeat(65)], "1", {}])(
    "is refused with a forged operation: %j",
    async (operation) => {
      const room = open({ post: (party, _from, input) => party.keep(String(input)) });
      const { socket, post } = await join(room);
      await socket.sendFrame("$call", 1, "post", "forged", operation);
      expect(await socket.frame()).toMatchObject(["$error", { code: "bad_frame" }]);
      await post(2, "fair", 1);
      expect(await socket.frame()).toEqual(["$reply", 2]);
      expect(await kept(room)).toEqual(["fair"]);
    },
  );

  it("whose result is too large to be stored is refused, and not carried out", async () => {
    const room = open({
      post(party, _from, input) {
        party.keep(String(input));
        return "x".repeat(600_000);
      },
    });
    const { socket, post } = await join(room);
    await post(0, "one", 1);
    expect(await socket.frame()).toMatchObject(["$fail", 0, { code: "too_large" }]);
    expect(await kept(room)).toEqual([]);
  });

  it("whose write fails is refused, nothing of it is sent, and the room lives on", async () => {
    const room = open({
      post(party, _from, input) {
        party.emit("said", input);
        if (input === "bad") party.fail();
        return "done";
      },
      onError: () => {},
    });
    const { socket, post } = await join(room);
    await post(0, "bad", 1);
    expect(await socket.frame()).toMatchObject(["$fail", 0, { code: "internal" }]);
    await post(1, "good", 2);
    expect(await framesOf(socket, 2)).toEqual([
      ["said", "good", 1],
      ["$reply", 1, "done"],
    ]);
  });

  it("that is the first after the storage was wiped is carried out, or has no known outcome", async () => {
    const room = open({ post: (party, _from, input) => party.keep(String(input)) });
    const { socket, post } = await join(room);
    await post(0, "one", 1);
    await socket.next();
    await runInDurableObject(room.stub, (_party, { storage }) => storage.deleteAll());
    await post(1, "two", 2);
    const answer = (await framesOf(socket, 3)).at(-1);
    // A room that was in memory knows that it is new.
    const unknown = ["$fail", 1, expect.objectContaining({ code: "unknown_outcome" })];
    expect([["$reply", 1], unknown]).toContainEqual(answer);
    expect(await kept(room)).toEqual((answer as unknown[])[0] === "$reply" ? ["two"] : []);
  });

  it("goes on after the storage was wiped, with a durable event as its first write", async () => {
    const room = open({
      post(party, _from, input) {
        party.emit("said", input);
        party.keep(String(input));
      },
    });
    const ada = await join(room);
    await ada.post(0, "one", 1);
    await framesOf(ada.socket, 2);
    await runInDurableObject(room.stub, (_party, { storage }) => storage.deleteAll());
    await ada.post(1, "two", 2, ada.once.since);
    const frames: unknown[] = [];
    while (!/^\["\$(reply|fail)/.test(JSON.stringify(frames.at(-1) ?? null))) {
      frames.push(...(await framesOf(ada.socket, 1)));
    }
    const told = frames.splice(0, 2).map((frame) => (frame as [string])[0]);
    expect(told).toEqual(["$resume", "$once"]);
    if (frames.length === 2) {
      expect(frames).toEqual([
        ["said", "two", 1],
        ["$reply", 1],
      ]);
      expect(await kept(room)).toEqual(["two"]);
    } else {
      // Asleep in between, the room knows nothing of this client, nor what came of the call.
      expect(frames).toMatchObject([["$fail", 1, { code: "unknown_outcome" }]]);
      expect(await kept(room)).toEqual([]);
    }
  });

  it("starts anew when the storage is wiped: what was sent before has no known outcome", async () => {
    const room = open({ post: (party, _from, input) => party.keep(String(input)) });
    const ada = await join(room);
    await ada.post(0, "one", 1);
    await ada.socket.next();
    await runInDurableObject(room.stub, (_party, { storage }) => storage.deleteAll());
    await ada.post(0, "one", 1);
    const [resume, once, fail] = (await framesOf(ada.socket, 3)) as [unknown[], unknown[], unknown];
    expect(resume).toMatchObject(["$resume", { recovered: false }]);
    expect(fail).toMatchObject(["$fail", 0, { code: "unknown_outcome" }]);
    const { since } = once[1] as Hello["once"];
    await ada.post(1, "two", 2, since);
    expect(await ada.socket.frame()).toEqual(["$reply", 1]);
    const again = await join(room, ada.key);
    expect(again.once).toEqual({ calls: ["post"], since, latest: 2 });
    await again.post(2, "three", 3);
    expect(await again.socket.frame()).toEqual(["$reply", 2]);
    expect(await kept(room)).toEqual(["two", "three"]);
  });
});

describeDurableRooms("a call of a client without a key, or without an operation", (open) => {
  it("is carried out as any other call", async () => {
    const room = open({ post: (party, _from, input) => party.keep(String(input)) });
    const socket = await room.connect("", ["partyflare.1"]);
    const [, { once }] = (await socket.frame()) as [string, Hello];
    for (const operation of [undefined, [1, once.since], [1, once.since]]) {
      await socket.sendFrame("$call", 1, "post", "again", ...(operation ? [operation] : []));
      expect(await socket.frame()).toEqual(["$reply", 1]);
    }
    expect(await kept(room)).toEqual(["again", "again", "again"]);
  });
});
