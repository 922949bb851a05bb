import { runInDurableObject } from "cloudflare:test";
import { encodePosition } from "@partyflare/shared/internal";
import { describe, expect, it } from "vitest";
import { describeDurableRooms, openDurableRoom, type TestRoom } from "../../../test/rooms";
import { stopClock } from "../../../test/stop-clock";
import type { DurableRoom } from "../../../test/durable-party";
import type { TestSocket } from "../../../test/test-socket";
import type { Received } from "../../testing/index";
import { history } from "./history";

const FRAMED = ["partyflare.1"];

interface Hello {
  id: string;
  history: { epoch: string; offset: number; tag: string; recovered?: boolean };
}

/** A connection, and what the room greeted it with. */
async function join(room: TestRoom<DurableRoom>, query = "") {
  const socket = await room.connect(query, FRAMED);
  const [, hello] = JSON.parse(String(await socket.next()).split("\n")[0] ?? "") as [string, Hello];
  return { socket, hello };
}

/** What a tag looks like. */
const TAG: unknown = expect.stringMatching(/^[\w-]{8}$/);

/** A durable frame, whose tag is any. */
function withTag(frame: string): unknown {
  const text = frame.slice(0, -1).replaceAll(/[[\]{}()*+?.\\^$|]/g, String.raw`\$&`);
  return expect.stringMatching(new RegExp(`^${text},"[\\w-]{8}"\\]$`));
}

/** The position at which a client was told to begin. */
function startOf({ hello }: { hello: Hello }): string {
  return `partyflare.history=${encodePosition(hello.history)}`;
}

/** A position as a client would have it that has seen an event. */
function positionOf({ hello }: { hello: Hello }, frame: string): string {
  const [, , offset, tag] = JSON.parse(frame) as [string, unknown, number, string];
  const { epoch } = hello.history;
  return `partyflare.history=${encodePosition({ epoch, offset, tag })}`;
}

async function say(socket: TestSocket, ...texts: string[]): Promise<void> {
  for (const text of texts) await socket.sendFrame("say", text);
}

/** The frames of the messages that come, until there are so many. */
async function framesOf(socket: TestSocket, count: number): Promise<string[]> {
  const frames: string[] = [];
  while (frames.length < count) frames.push(...String(await socket.next()).split("\n"));
  return frames;
}

/** The data and offsets of the durable events that a client has received, in order. */
const eventsOf = ({ received }: { received: readonly Received[] }) =>
  received.flatMap((entry) => (entry.kind === "event" ? [[entry.data, entry.offset]] : []));

describeDurableRooms("durable events of real clients", (open) => {
  it("reach a client that was away, in order and once, before anything that is new", async () => {
    const room = await open().kit();
    const [ada, bob] = [await room.join({ id: "ada" }), await room.join({ id: "bob" })];
    for (const text of ["1", "2"]) ada.emit("say", text);
    await bob.next("said");
    await bob.next("said");
    await room.step();
    bob.cut();
    for (const text of ["3", "4"]) {
      ada.emit("say", text);
      await ada.next("said");
      await room.step();
    }
    await bob.reconnect();
    ada.emit("say", "5");
    for (const text of ["3", "4", "5"]) expect(await bob.next("said")).toBe(text);
    await bob.nothing();
    expect(eventsOf(bob)).toEqual(
      ["1", "2", "3", "4", "5"].map((text, index) => [text, index + 1]),
    );
  });

  it("reach all clients once over restarts and cuts at any moment", async () => {
    const room = await open().kit();
    const [ada, bob] = [await room.join({ id: "ada" }), await room.join({ id: "bob" })];
    for (let count = 1; count <= 6; count += 1) {
      if (count === 2) bob.cut();
      if (count === 4) await room.restart();
      if (count === 5) await bob.reconnect();
      ada.emit("say", String(count));
      await ada.waitUntil(() => eventsOf(ada).length === count);
      await room.step();
    }
    await bob.waitUntil(() => eventsOf(bob).length === 6);
    await Promise.all([ada, bob].map((client) => client.settle()));
    const all = [1, 2, 3, 4, 5, 6].map((count) => [String(count), count]);
    expect([eventsOf(ada), eventsOf(bob)]).toEqual([all, all]);
  });

  it("are there for late joiners: the last ones, and pages before them", async () => {
    const room = await open({ history: { onJoin: 2 } }).kit();
    const ada = await room.join({ id: "ada" });
    for (const text of ["1", "2", "3"]) ada.emit("say", text);
    await ada.waitUntil(() => eventsOf(ada).length === 3);
    await room.step();
    const late = await room.join({ id: "late" });
    await late.settle();
    expect(eventsOf(late)).toEqual([
      ["2", 2],
      ["3", 3],
    ]);
    await room.step();
    const page = await late.history.read("said", { before: 3, limit: 1 });
    expect(page).toMatchObject([{ data: "2", offset: 2 }]);
    const read = await room.run((party) => [
      party.history.head,
      party.history.read({ limit: 2 }).map(({ data }) => data),
      party.history.read({ before: 2 }).map(({ offset }) => offset),
    ]);
    expect(read).toEqual([3, ["2", "3"], [1]]);
  });

  it("leave with a transaction when it is committed, and not when it is rolled back", async () => {
    const room = await open({
      say: (party, from, text) => {
        party.transact(() => {
          party.keep(text);
          party.emit("said", text);
          from.send("sent");
          if (text === "no") throw new Error("rolled back");
        });
      },
      onError: () => {},
    }).kit();
    const ada = await room.join();
    ada.emit("say", "no");
    expect(await ada.nextError()).toMatchObject({ code: "internal" });
    await ada.nothing();
    await room.step();
    ada.emit("say", "yes");
    expect(await ada.next("said")).toBe("yes");
    await ada.settle();
    expect(eventsOf(ada)).toEqual([["yes", 1]]);
    const texts = ada.received.filter(({ kind }) => kind === "text");
    expect(texts).toEqual([{ kind: "text", text: "sent" }]);
    expect(await room.run((party) => party.kept)).toEqual(["yes"]);
  });
});

describeDurableRooms("a durable event", (open) => {
  it("is sent with its offset, counted from 1, and others without", async () => {
    const room = open({
      say: (party, from, text) => {
        party.emit("passing", text);
        party.emit("said", text);
        party.emit("bell");
        from.emit("said", "to you");
      },
    });
    const { socket, hello } = await join(room);
    expect(hello.history).toEqual({ epoch: expect.any(String), offset: 0, tag: TAG });
    await say(socket, "hello");
    expect(await framesOf(socket, 4)).toEqual([
      '["passing","hello"]',
      withTag('["said","hello",1]'),
      withTag('["bell",null,2]'),
      withTag('["said","to you",3]'),
    ]);
  });

  it("keeps its audience: replay goes by the tags that a connection has now", async () => {
    const room = open({
      say: (party, _from, text) => {
        party.emit("said", text, { tags: ["red"] });
        party.emit("said", "not to bob", { except: ["bob"] });
        party.emit("said", "to ada", { to: ["ada"] });
      },
    });
    const ada = await join(room, "?_pk=ada");
    await say(ada.socket, "for red");
    await framesOf(ada.socket, 2);
    const start = startOf(ada);
    const bob = await join(room, `?_pk=bob&${start}`);
    await bob.socket.sendFrame("$call", 1, "$history");
    expect(await bob.socket.frame()).toEqual(["$reply", 1, { events: [] }]);
    await bob.socket.sendFrame("tag", ["red"]);
    await bob.socket.sendFrame("$call", 2, "$history");
    const past = { event: "said", data: "for red", offset: 1, atMs: expect.any(Number) };
    expect(await bob.socket.frame()).toEqual(["$reply", 2, { events: [past] }]);
  });

  it("of more than one message is replayed in several, with what comes meanwhile behind", async () => {
    const large = "x".repeat(100_000);
    const room = open();
    const ada = await join(room, "?_pk=ada");
    for (let count = 0; count < 8; count += 1) await say(ada.socket, `${count}${large}`);
    await framesOf(ada.socket, 8);
    const back = await room.connect(`?_pk=bob&${startOf(ada)}`, FRAMED);
    await say(ada.socket, "last");
    const frames = await framesOf(back, 10);
    const events = frames.slice(1).map((frame) => JSON.parse(frame) as [string, string, number]);
    expect(events.map(([, , offset]) => offset)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(back.received.length).toBeGreaterThan(3);
  });
});

describeDurableRooms("what cannot be recovered", (open) => {
  it.each([
    ["the window's length", 3, true],
    ["more than the window", 4, false],
  ])(
    "is told before anything newer, and not where %s was missed",
    async (_what, missed, recovered) => {
      const room = open({ history: { keepEvents: 3 } });
      const ada = await join(room, "?_pk=ada");
      await say(ada.socket, "0");
      const [seen = ""] = await framesOf(ada.socket, 1);
      for (let count = 1; count <= missed; count += 1) await say(ada.socket, String(count));
      await framesOf(ada.socket, missed);
      const back = await join(room, `?_pk=bob&${positionOf(ada, seen)}`);
      const offset = recovered ? 1 : missed + 1;
      expect(back.hello.history).toMatchObject({ offset, recovered });
      await say(ada.socket, "new");
      const frames = await framesOf(back.socket, recovered ? missed + 1 : 1);
      expect(frames.at(-1)).toEqual(withTag(`["said","new",${missed + 2}]`));
    },
  );

  it("is what is too old, by the room's clock, to the millisecond", async () => {
    const room = open({ history: { keepMs: 10_000 } });
    const ada = await join(room, "?_pk=ada");
    const clock = stopClock();
    await say(ada.socket, "1", "2");
    const [seen = ""] = await framesOf(ada.socket, 2);
    clock.atMs += 10_000;
    const exact = await join(room, `?_pk=exact&${positionOf(ada, seen)}`);
    expect(exact.hello.history.recovered).toBe(true);
    clock.atMs += 1;
    const late = await join(room, `?_pk=late&${positionOf(ada, seen)}`);
    expect(late.hello.history.recovered).toBe(false);
  });

  it("is what fell out for its bytes", async () => {
    const room = open({ history: { keepBytes: 40 } });
    const ada = await join(room, "?_pk=ada");
    await say(ada.socket, "12345", "12345", "12345");
    const [seen = ""] = await framesOf(ada.socket, 3);
    expect((await join(room, `?_pk=bob&${startOf(ada)}`)).hello.history.recovered).toBe(false);
    const near = await join(room, `?_pk=eve&${positionOf(ada, seen)}`);
    expect(near.hello.history.recovered).toBe(true);
  });

  it("is another epoch, an offset ahead, and another event at the same offset", async () => {
    const room = open();
    const ada = await join(room, "?_pk=ada");
    await say(ada.socket, "1", "2");
    const [first = ""] = await framesOf(ada.socket, 2);
    const { epoch, tag: origin } = ada.hello.history;
    const [, , , tag = ""] = JSON.parse(first) as string[];
    const positions = [
      { epoch: "other", offset: 1, tag },
      { epoch, offset: 3, tag },
      { epoch, offset: 1, tag: "abcdefgh" },
      { epoch, offset: 2, tag },
      { epoch, offset: 0, tag },
      { epoch, offset: 1, tag: origin },
    ];
    for (const [index, position] of positions.entries()) {
      const query = `partyflare.history=${encodePosition(position)}`;
      const back = await join(room, `?_pk=${index}&${query}`);
      expect(back.hello.history).toMatchObject({ epoch, offset: 2, recovered: false });
    }
  });

  it.each(["x", "e.-1.a", "e.1.5.a", "e.1e3.", "e.99999999999999999.", "e.1", "..", "é.1."])(
    "is no position at all: after %j a client is told that it may have missed anything",
    async (text) => {
      const room = open();
      const { socket } = await join(room);
      const query = `?_pk=bad&partyflare.history=${encodeURIComponent(text)}`;
      const back = await join(room, query);
      expect(back.hello.history).toMatchObject({ offset: 0, recovered: false });
      await say(socket, "hello");
      expect(await framesOf(back.socket, 1)).toEqual([withTag('["said","hello",1]')]);
    },
  );

  it("is told to who is here when the storage is wiped, and the events go on", async () => {
    const room = open();
    const { socket, hello } = await join(room);
    await say(socket, "1");
    await framesOf(socket, 1);
    await runInDurableObject(room.stub, (_party, { storage }) => storage.deleteAll());
    await say(socket, "2");
    const [once, resume = "", event] = await framesOf(socket, 3);
    const [name, told] = JSON.parse(resume) as [string, Hello["history"]];
    expect(name).toBe("$history");
    expect(told).toEqual({ epoch: expect.any(String), offset: 0, tag: TAG, recovered: false });
    expect(told.epoch).not.toBe(hello.history.epoch);
    expect(once).toMatch(/^\["\$once",/);
    expect(event).toEqual(withTag('["said","2",1]'));
  });

  it("is told to who comes after the storage was wiped, and to who is here", async () => {
    const room = open();
    const ada = await join(room, "?_pk=ada");
    await say(ada.socket, "1");
    const [seen = ""] = await framesOf(ada.socket, 1);
    await runInDurableObject(room.stub, (_party, { storage }) => storage.deleteAll());
    const back = await join(room, `?_pk=bob&${positionOf(ada, seen)}`);
    expect(back.hello.history).toMatchObject({ offset: 0, recovered: false });
    const { epoch, tag } = back.hello.history;
    expect(epoch).not.toBe(ada.hello.history.epoch);
    const [, resume = ""] = await framesOf(ada.socket, 2);
    expect(JSON.parse(resume)).toEqual(["$history", { epoch, offset: 0, tag, recovered: false }]);
    await say(back.socket, "2");
    expect(await framesOf(back.socket, 1)).toEqual([withTag('["said","2",1]')]);
  });
});

describe("what cannot be recovered", () => {
  it("is another past at the edge of the window, where no event is left to compare", async () => {
    const room = openDurableRoom("HIBERNATING_DURABLE", { history: { keepEvents: 3 } });
    const ada = await join(room, "?_pk=ada");
    await say(ada.socket, "1", "2", "3");
    const seen = (await framesOf(ada.socket, 3)).at(-1) ?? "";
    const came = await join(room, "?_pk=eve");
    const positions = [positionOf(ada, seen), startOf(came)];
    // As an older copy of the storage has it: to put one back takes a new life of the room.
    await room.sleep();
    await runInDurableObject(room.stub, (_party, { storage }) => {
      storage.sql.exec(`DELETE FROM partyflare_history WHERE offset > 1`);
    });
    await room.sleep();
    await say(ada.socket, "other 2", "other 3", "4", "5", "6");
    await framesOf(ada.socket, 5);
    for (const [index, position] of positions.entries()) {
      const back = await join(room, `?_pk=${index}&${position}`);
      expect(back.hello.history).toMatchObject({ offset: 6, recovered: false });
    }
  });
});

describeDurableRooms("a page of the history", (open) => {
  it.each([
    { before: -1 },
    { before: 1.5 },
    { before: "1" },
    { limit: 0 },
    { limit: 1_001 },
    { limit: "all" },
  ])("is refused for %j", async (page) => {
    const { socket } = await join(open());
    await socket.sendFrame("$call", 1, "$history", page);
    expect(await socket.frame()).toMatchObject(["$fail", 1, { code: "invalid" }]);
  });
});

describe("history()", () => {
  it.each([
    [{ keepEvents: 0 }, "keepEvents"],
    [{ keepMs: 1.5 }, "keepMs"],
    [{ keepBytes: Number.NaN }, "keepBytes"],
    [{ onJoin: -1 }, "onJoin"],
  ])("refuses %j by name", (options, name) => {
    expect(() => history({ events: ["said"], ...options })).toThrow(RangeError);
    expect(() => history({ events: ["said"], ...options })).toThrow(name);
  });
});
