import { runInDurableObject } from "cloudflare:test";
import { PartyError } from "@partyflare/shared";
import { expect, it } from "vitest";
import type { DurableRoom, DurableScript } from "../../../test/durable-party";
import { FramedClient } from "../../../test/framed-client";
import { describeDurableRooms, type TestRoom } from "../../../test/rooms";

const kept = (room: TestRoom<DurableRoom>) => runInDurableObject(room.stub, (party) => party.kept);

const KEEPS: DurableScript = {
  post(party, _from, input) {
    party.keep(JSON.stringify(input));
    return input;
  },
};

const UNKNOWN = { code: "unknown_outcome" };

const storedRows = (room: TestRoom<DurableRoom>) =>
  runInDurableObject(room.stub, (_party, { storage }) => {
    const [row] = storage.sql.exec(`SELECT count(*) AS count FROM partyflare_once`).toArray();
    return row?.["count"];
  });

describeDurableRooms("the number of a call that happens once", (open) => {
  it("stands for one name and one input: another call under it is refused, not answered", async () => {
    const room = open(KEEPS);
    const ada = await FramedClient.join(room);
    await ada.post({ text: "one" });
    for (const operation of [{ number: 1 }, { number: 1, repeat: true }] as const) {
      const other = await ada.post({ text: "two" }, operation);
      expect(other.answer).toMatchObject(["$fail", 1, { code: "invalid" }]);
      const renamed = await ada.post({ text: "one" }, { ...operation, name: "put" });
      expect(renamed.answer).toMatchObject(["$fail", 1, { code: "invalid" }]);
      const without = await ada.post(null, operation);
      expect(without.answer).toMatchObject(["$fail", 1, { code: "invalid" }]);
    }
    const repeated = await ada.post({ text: "one" }, { number: 1, repeat: true });
    expect(repeated.answer).toEqual(["$reply", 1, { text: "one" }]);
    expect(await kept(room)).toEqual(['{"text":"one"}']);
  });

  it("cannot be told from another by moving text between name and input", async () => {
    const room = open(KEEPS);
    const ada = await FramedClient.join(room);
    await ada.post('post","x', { name: "put" });
    const other = await ada.post("x", { number: 1, name: "post", repeat: true });
    expect(other.answer).toMatchObject(["$fail", 1, { code: "invalid" }]);
  });

  it("may leave out others, which are carried out if they come after all", async () => {
    const room = open(KEEPS);
    const ada = await FramedClient.join(room);
    const oldest = 1;
    expect((await ada.post("one", { number: 1, oldest })).answer[0]).toBe("$reply");
    expect((await ada.post("five", { number: 5, oldest })).answer[0]).toBe("$reply");
    for (const repeat of [undefined, true] as const) {
      const late = await ada.post("three", { number: 3, oldest, repeat });
      expect(late.answer).toEqual(["$reply", 3, "three"]);
    }
    const one = await ada.post("one", { number: 1, oldest, repeat: true });
    expect(one.answer).toEqual(["$reply", 1, "one"]);
    expect(await kept(room)).toEqual(['"one"', '"five"', '"three"']);
  });

  it("that was refused is tried again, whatever came after it", async () => {
    let refuses = true;
    const room = open({
      post(party, _from, input) {
        if (input === "one" && refuses) throw new PartyError("not_now");
        party.keep(JSON.stringify(input));
        return input;
      },
    });
    const ada = await FramedClient.join(room);
    expect((await ada.post("one", { number: 1, oldest: 1 })).answer[0]).toBe("$fail");
    expect((await ada.post("two", { number: 2, oldest: 1 })).answer[0]).toBe("$reply");
    refuses = false;
    // Its refusal was lost with the connection.
    const again = await ada.post("one", { number: 1, oldest: 1, repeat: true });
    expect(again.answer).toEqual(["$reply", 1, "one"]);
    expect(await kept(room)).toEqual(['"two"', '"one"']);
  });

  it("below the oldest that is not answered was answered, and is not carried out", async () => {
    const room = open(KEEPS);
    const ada = await FramedClient.join(room);
    for (const number of [1, 2]) await ada.post(number, { number, oldest: number });
    const late = await ada.post(1, { number: 1, oldest: 1 });
    expect(late.answer).toMatchObject(["$fail", 1, UNKNOWN]);
    expect(await kept(room)).toEqual(["1", "2"]);
  });

  it("spans 64 operations, whose results are all there", async () => {
    const room = open(KEEPS);
    const ada = await FramedClient.join(room);
    for (let number = 1; number <= 64; number += 1) await ada.post(number, { oldest: 1 });
    for (const number of [1, 2, 33, 64]) {
      const again = await ada.post(number, { number, oldest: 1, repeat: true });
      expect(again.answer).toEqual(["$reply", number, number]);
    }
    expect((await kept(room)).length).toBe(64);
  });
});

describeDurableRooms("the oldest unanswered number", (open) => {
  it("lets the room delete the results below it", async () => {
    const room = open(KEEPS);
    const ada = await FramedClient.join(room);
    for (let number = 1; number <= 10; number += 1) await ada.post(number, { oldest: number });
    expect(await storedRows(room)).toBeLessThanOrEqual(2);
    for (const number of [1, 9]) {
      const late = await ada.post(number, { number, oldest: number, repeat: true });
      expect(late.answer).toMatchObject(["$fail", number, UNKNOWN]);
    }
    const last = await ada.post(10, { number: 10, oldest: 10, repeat: true });
    expect(last.answer).toEqual(["$reply", 10, 10]);
    expect((await kept(room)).length).toBe(10);
  });

  it("keeps what may still be asked for", async () => {
    const room = open(KEEPS);
    const ada = await FramedClient.join(room);
    for (const number of [1, 2, 3]) await ada.post(number, { oldest: 1 });
    await ada.post(4, { oldest: 2 });
    for (const number of [2, 3, 4]) {
      const again = await ada.post(number, { number, oldest: 2, repeat: true });
      expect(again.answer).toEqual(["$reply", number, number]);
    }
    expect(await storedRows(room)).toBeLessThanOrEqual(4);
  });

  it("deletes nothing of another page, another client, or by a call that is rolled back", async () => {
    const room = open({
      post(party, _from, input) {
        party.keep(String(input));
        if (input === "bad") throw new Error("bad");
        return input;
      },
      onError: () => {},
    });
    const ada = await FramedClient.join(room);
    const tab = await FramedClient.join(room, { id: "tab", key: ada.key });
    const bob = await FramedClient.join(room, { id: "bob" });
    for (const client of [ada, tab, bob]) await client.post("one");
    await tab.post("many", { number: 50, oldest: 50 });
    await ada.post("bad", { number: 2, oldest: 2 });
    for (const client of [ada, bob]) {
      const again = await client.post("one", { number: 1, oldest: 1, repeat: true });
      expect(again.answer).toEqual(["$reply", 1, "one"]);
    }
  });

  it("does not make a number new again whose result was deleted, whatever page was first", async () => {
    const room = open(KEEPS);
    const ada = await FramedClient.join(room);
    await ada.post("one");
    await ada.post("two", { oldest: 2 });
    await room.sleep();
    const first = await ada.post("one", { number: 1, oldest: 1 });
    expect(first.answer).toMatchObject(["$fail", 1, UNKNOWN]);
    expect(await kept(room)).toEqual(['"one"', '"two"']);
  });
});

describeDurableRooms("an operation", (open) => {
  const fair = { page: "page", number: 2, oldest: 1, since: "since" };
  it.each(
    [
      { ...fair, page: undefined },
      { ...fair, page: "" },
      { ...fair, page: "x".repeat(33) },
      { ...fair, page: "a page" },
      { ...fair, page: "é" },
      { ...fair, page: 7 },
      { ...fair, number: undefined },
      { ...fair, number: 0, oldest: 0 },
      { ...fair, number: -1 },
      { ...fair, number: 1.5 },
      { ...fair, number: "2" },
      { ...fair, number: 2 ** 53 },
      { ...fair, oldest: undefined },
      { ...fair, oldest: 0 },
      { ...fair, oldest: 3 },
      { ...fair, oldest: 1.5 },
      { ...fair, number: 65, oldest: 1 },
      { ...fair, since: undefined },
      { ...fair, since: 7 },
      { ...fair, since: "x".repeat(65) },
      { ...fair, repeat: "yes" },
      [1, "since"],
      "1",
      1,
      {},
      [],
      null,
    ].map((operation) => ({ operation })),
  )("that is forged is refused: $operation", async ({ operation }) => {
    const room = open(KEEPS);
    const ada = await FramedClient.join(room);
    await ada.socket.sendFrame("$call", 1, "post", "forged", operation);
    expect(await ada.frame()).toMatchObject(["$fail", 1, { code: "bad_frame" }]);
    expect((await ada.post("fair")).answer).toEqual(["$reply", 1, "fair"]);
    expect(await kept(room)).toEqual(['"fair"']);
  });

  it.each(["", "x", "0", ".", "other.0", "__proto__", "%00", "9".repeat(64)])(
    "with a `since` that means nothing is no repeat that is carried out: %j",
    async (since) => {
      const room = open(KEEPS);
      const ada = await FramedClient.join(room);
      await ada.socket.send(ada.operation("one", { number: 1, since, repeat: true }));
      const frame = await ada.frame();
      expect(frame).toMatchObject(["$fail", 1, { code: expect.any(String) }]);
      expect(["bad_frame", UNKNOWN.code]).toContain((frame[2] as { code: string }).code);
      expect(await kept(room)).toEqual([]);
      expect((await ada.post("two", { number: 1 })).answer).toEqual(["$reply", 1, "two"]);
    },
  );
});
