import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it, vi } from "vitest";
import type { DurableRoom, DurableScript } from "../../../test/durable-party";
import { FramedClient } from "../../../test/framed-client";
import { describeDurableRooms, openDurableRoom, type TestRoom } from "../../../test/rooms";

const kept = (room: TestRoom<DurableRoom>) => runInDurableObject(room.stub, (party) => party.kept);

const KEEPS: DurableScript = {
  post(party, from, input) {
    party.keep(String(input));
    return `${from.id}: ${String(input)}`;
  },
};

describeDurableRooms("calls of one client's pages, under the same number", (open) => {
  it("are two calls, where a reload came while the old page's call was on its way", async () => {
    const room = open(KEEPS);
    const old = await FramedClient.join(room);
    old.socket.sendAll([old.operation("old")]);
    const reloaded = await FramedClient.join(room, { key: old.key });
    expect((await reloaded.post("new")).answer).toEqual(["$reply", 1, "ada: new"]);
    // The old page's call was handled before the takeover, or it was lost with the page.
    expect([["old", "new"], ["new", "old"], ["new"]]).toContainEqual(await kept(room));
  });

  it("are two calls, under two ids with one key", async () => {
    const room = open(KEEPS);
    const [one, two] = [
      await FramedClient.join(room, { id: "one" }),
      await FramedClient.join(room, { id: "two" }),
    ];
    const other = await FramedClient.join(room, { id: "other", key: one.key });
    const answers = [];
    for (const client of [one, two, other]) answers.push((await client.post("hello")).answer[2]);
    expect(answers).toEqual(["one: hello", "two: hello", "other: hello"]);
    expect(await kept(room)).toEqual(["hello", "hello", "hello"]);
    for (const client of [other, two, one]) {
      const again = await client.post("hello", { number: 1, repeat: true });
      expect(again.answer[2]).toBe(answers.shift() && `${client.hello.id}: hello`);
    }
    expect((await kept(room)).length).toBe(3);
  });

  it("keep their own answers over reloads, each page's under its own name", async () => {
    const room = open(KEEPS);
    const pages: FramedClient[] = [];
    for (let count = 0; count < 4; count += 1) {
      const page = await FramedClient.join(room, { key: pages[0]?.key });
      expect((await page.post(`page ${count}`)).answer[2]).toBe(`ada: page ${count}`);
      pages.push(page);
    }
    const last = pages.at(-1);
    for (const [index, { page, hello }] of pages.entries()) {
      const operation = { page, number: 1, since: hello.once.since, repeat: true } as const;
      const again = await last?.post(`page ${index}`, operation);
      expect(again?.answer).toEqual(["$reply", 1, `ada: page ${index}`]);
    }
    expect((await kept(room)).length).toBe(4);
  });
});

describe.each(["IN_MEMORY_DURABLE", "HIBERNATING_DURABLE"] as const)("in a room of %s", (kind) => {
  it("the calls of an old page that wait behind a slow handler are not the new page's", async () => {
    const gates: (() => void)[] = [];
    const room = openDurableRoom(kind, {
      ...KEEPS,
      say: () => new Promise<void>((resolve) => gates.push(resolve)),
    });
    const old = await FramedClient.join(room);
    old.socket.sendAll([JSON.stringify(["say", "slow"]), old.operation("old")]);
    await vi.waitFor(() => expect(gates.length).toBe(1), { timeout: 60_000 });
    const reloaded = await FramedClient.join(room, { id: "reloaded", key: old.key });
    expect((await reloaded.post("new")).answer).toEqual(["$reply", 1, "reloaded: new"]);
    await runInDurableObject(room.stub, () => gates[0]?.());
    expect(await old.frame()).toEqual(["$reply", 1, "ada: old"]);
    expect(await kept(room)).toEqual(["new", "old"]);
  });

  it("the calls of an old page that was taken over are not done, and can be repeated", async () => {
    const gates: (() => void)[] = [];
    const room = openDurableRoom(kind, {
      ...KEEPS,
      say: () => new Promise<void>((resolve) => gates.push(resolve)),
    });
    const old = await FramedClient.join(room);
    const waiting = Array.from({ length: 3 }, (_, index) => old.operation(`old ${index}`));
    old.socket.sendAll([JSON.stringify(["say", "slow"]), ...waiting]);
    await vi.waitFor(() => expect(gates.length).toBe(1), { timeout: 60_000 });
    const { key, page, hello } = old;
    const reloaded = await FramedClient.join(room, { key });
    await runInDurableObject(room.stub, () => gates[0]?.());
    expect((await reloaded.post("new")).answer).toEqual(["$reply", 1, "ada: new"]);
    const operation = { page, since: hello.once.since, number: 1, repeat: true } as const;
    const repeated = await reloaded.post("old 0", operation);
    expect(repeated.answer).toEqual(["$reply", 1, "ada: old 0"]);
    expect(await kept(room)).toEqual(["new", "old 0"]);
  });
});

describeDurableRooms("one page", (open) => {
  it("has one call to a number, whichever connection and id it comes by", async () => {
    const room = open(KEEPS);
    const ada = await FramedClient.join(room);
    const second = await FramedClient.join(room, { id: "second", key: ada.key });
    await ada.post("one");
    const operation = { page: ada.page, since: ada.hello.once.since, number: 1 };
    const { answer } = await second.post("one", { ...operation, repeat: true });
    expect(answer).toEqual(["$reply", 1, "ada: one"]);
    expect((await second.post("one", operation)).answer).toEqual(["$reply", 1, "ada: one"]);
    expect(await kept(room)).toEqual(["one"]);
  });

  it("of the same name belongs to its key: another client's is another one", async () => {
    const room = open(KEEPS);
    const ada = await FramedClient.join(room);
    const eve = await FramedClient.join(room, { id: "eve" });
    await ada.post("ada's");
    const forged = await eve.post("eve's", { page: ada.page, number: 1 });
    expect(forged.answer).toEqual(["$reply", 1, "eve: eve's"]);
    // By the id that ada had: the key counts.
    await ada.leave();
    const taken = await FramedClient.join(room, { id: "ada" });
    const stolen = await taken.post("ada's", { page: ada.page, number: 1, repeat: true });
    expect(stolen.answer).toEqual(["$reply", 1, "ada: ada's"]);
    expect(await kept(room)).toEqual(["ada's", "eve's", "ada's"]);
  });

  it("that is taken over in the middle loses and repeats none of its calls", async () => {
    const room = open(KEEPS);
    let current = await FramedClient.join(room);
    const { key, page } = current;
    const { since } = current.hello.once;
    for (let number = 1; number <= 12; number += 1) {
      const call = current.operation(number, { page, since, number });
      current.socket.sendAll([call]);
      current = await FramedClient.join(room, { key });
      const operation = { page, since, number, repeat: true } as const;
      expect((await current.post(number, operation)).answer).toEqual([
        "$reply",
        number,
        `ada: ${number}`,
      ]);
    }
    expect(await kept(room)).toEqual(Array.from({ length: 12 }, (_, index) => String(index + 1)));
  });
});
