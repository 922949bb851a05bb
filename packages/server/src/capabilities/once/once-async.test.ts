import { runInDurableObject } from "cloudflare:test";
import { PartyError } from "@partyflare/shared";
import { expect, it, vi } from "vitest";
import type { DurableRoom, DurableScript } from "../../../test/durable-party";
import { FramedClient } from "../../../test/framed-client";
import { describeDurableRooms, type TestRoom } from "../../../test/rooms";

const kept = (room: TestRoom<DurableRoom>) => runInDurableObject(room.stub, (party) => party.kept);

async function later() {
  return "done";
}

describeDurableRooms("an async handler of a call that happens once", (open) => {
  it.each([
    ["an async function", async () => "done"],
    ["a named async function", later],
    ["a bound async function", later.bind(null)],
    ["a proxy of an async function", new Proxy(later, {})],
    ["an async method", { async post() {} }.post],
  ])("is refused when the room starts: %s", async (_what, post) => {
    const errors: unknown[][] = [];
    const room = open({
      handle: { post },
      onError: (_party, error, { during }) => void errors.push([during, error]),
    });
    expect((await room.upgrade()).status).toBe(500);
    expect(errors[0]?.[0]).toBe("onStart");
    expect(errors[0]?.[1]).toBeInstanceOf(TypeError);
    expect(String(errors[0]?.[1])).toMatch(/\bpost\b/);
  });

  it("is fine for a call that may happen more often, and for an event", async () => {
    const room = open({
      handle: { ask: later, say: later },
      post: () => "once",
    });
    const ada = await FramedClient.join(room);
    await ada.socket.sendFrame("say", "hello");
    expect((await ada.call("ask")).answer[2]).toBe("done");
    expect((await ada.post("one")).answer).toEqual(["$reply", 1, "once"]);
  });
});

/** What a handler may give back that has a `then`, after it has kept what it was called with. */
const THENABLES: readonly [string, () => unknown][] = [
  ["a promise", () => Promise.resolve("done")],
  ["a promise that is rejected", () => Promise.reject(new Error("secret"))],
  ["a promise that is refused", () => Promise.reject(new PartyError("taken"))],
  ["a promise that never settles", () => new Promise(() => {})],
  [
    "what a throwing async function gives",
    async () => {
      throw new Error("before its first await");
    },
  ],
  // oxlint-disable-next-line unicorn/no-thenable -- as the promise of an RPC call is
  ["a function with a then", () => Object.assign(() => {}, { then() {} })],
  // oxlint-disable-next-line unicorn/no-thenable -- as a query builder is
  ["an object with a then", () => ({ then() {} })],
];

describeDurableRooms("a handler of a call that happens once", (open) => {
  const givingBack = (give: () => unknown, errors: unknown[]): DurableScript => ({
    post(party, from, input) {
      party.keep(String(input));
      party.emit("said", input);
      from.send("sent");
      return input === "fair" ? "done" : give();
    },
    onError: (_party, error, { during, name }) => void errors.push([during, name, error]),
  });

  it.each(THENABLES)("that returns %s fails, and leaves nothing behind", async (_what, give) => {
    const errors: unknown[][] = [];
    const room = open(givingBack(give, errors));
    const ada = await FramedClient.join(room);
    const { before, answer } = await ada.post("one");
    expect(answer).toMatchObject(["$fail", 1, { code: "internal" }]);
    expect(JSON.stringify(answer)).not.toContain("secret");
    expect(before).toEqual([]);
    expect(await kept(room)).toEqual([]);
    await vi.waitFor(() => expect(errors.length).toBeGreaterThan(0), { timeout: 60_000 });
    expect(errors[0]?.slice(0, 2)).toEqual(["handler", "post"]);
    const fair = await ada.post("fair");
    expect(fair.before.map(([, data]) => data)).toEqual(["fair", "sent"]);
    expect(fair.answer).toEqual(["$reply", 2, "done"]);
    expect(await kept(room)).toEqual(["fair"]);
  });

  it("that returned one has not taken its number: the repeat is carried out", async () => {
    let isAsync = true;
    const room = open({
      post(party, _from, input) {
        party.keep(String(input));
        return isAsync ? Promise.resolve("done") : "done";
      },
      onError: () => {},
    });
    const ada = await FramedClient.join(room);
    expect((await ada.post("one")).answer).toMatchObject(["$fail", 1, { code: "internal" }]);
    await room.sleep();
    isAsync = false;
    const repeated = await ada.post("one", { number: 1, repeat: true });
    expect(repeated.answer).toEqual(["$reply", 1, "done"]);
    expect(await kept(room)).toEqual(["one"]);
  });
});
