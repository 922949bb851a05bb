import { runInDurableObject } from "cloudflare:test";
import { defineContract, type } from "@partyflare/shared";
import { describe, expect, it, vi } from "vitest";
import { FakeHost } from "../../../test/fake-host";
import { describePresenceKit } from "../../../test/presence-kit";
import type { PresenceTestRoom, TestMember } from "../../../test/presence-party";
import { Viewer } from "../../../test/presence-viewer";
import { describePresenceRooms, type TestRoom } from "../../../test/rooms";
import { presence } from "./presence";

const MINUTE_MS = 60_000;

const DATA = { cursor: { x: 1, y: 2 }, typing: false };

async function membersOf(room: TestRoom<PresenceTestRoom>): Promise<TestMember[]> {
  return runInDurableObject(room.stub, (party) =>
    structuredClone([...party.presence.members].toSorted((a, b) => (a.key < b.key ? -1 : 1))),
  );
}

describePresenceKit("presence", (open) => {
  it("gives each client the list as it joins, and tells the others of it", async () => {
    const { members, ...room } = await open();
    const ada = await room.join({ user: "ada", name: "Ada" });
    expect(ada.presence.me?.key).toBe("ada");
    expect(ada.shown()).toEqual([
      { key: "ada", info: { name: "Ada" }, presence: undefined, devices: [{ id: "ada" }] },
    ]);
    const bob = await room.join({ user: "bob" });
    expect(bob.keys()).toEqual(["ada", "bob"]);
    await ada.untilKeys("ada", "bob");
    expect([ada.presence.size, bob.presence.size]).toEqual([2, 2]);
    expect(await members()).toEqual(ada.shown());
  });

  it("counts two tabs as one member with two devices", async () => {
    const { members, ...room } = await open({ graceMs: 0 });
    const ada = await room.join({ user: "ada", id: "one" });
    const tab = await room.join({ user: "ada", id: "two" });
    const changes: string[] = [];
    ada.presence.on("join", ({ key }) => changes.push(`+${key}`));
    ada.presence.on("leave", ({ key }) => changes.push(`-${key}`));
    await ada.waitUntil(() => ada.get("ada")?.devices.length === 2);
    expect(ada.presence.size).toBe(1);
    await ada.set(DATA);
    await tab.waitUntil(() => tab.get("ada")?.presence?.cursor?.x === 1);
    await tab.set({ ...DATA, cursor: { x: 7, y: 7 } });
    await ada.set({ typing: true });
    await ada.waitUntil(() => ada.get("ada")?.presence?.typing === true);
    await ada.waitUntil(() => ada.get("ada")?.presence?.cursor?.x === 7);
    expect(ada.shown()).toEqual(await members());
    await tab.close();
    await ada.waitUntil(() => ada.get("ada")?.devices.length === 1);
    // What is left is the first device's own data.
    expect(ada.get("ada")?.presence).toEqual({ ...DATA, typing: true });
    expect(changes).toEqual([]);
  });

  it("removes a member after its grace period, and not earlier", async () => {
    const left: string[] = [];
    const { members, join, room } = await open({
      graceMs: MINUTE_MS,
      onLeave: ({ key }) => void left.push(key),
    });
    const [ada, bob] = [await join({ user: "ada" }), await join({ user: "bob" })];
    await ada.untilKeys("ada", "bob");
    const told: string[] = [];
    ada.presence.on("leave", ({ key }) => told.push(key));
    await bob.close();
    await room.advance(MINUTE_MS - 5_000);
    expect([ada.keys(), left]).toEqual([["ada", "bob"], []]);
    await room.advance(6_000);
    expect([ada.keys(), ada.presence.size, told, left]).toEqual([["ada"], 1, ["bob"], ["bob"]]);
    expect((await members()).map(({ key }) => key)).toEqual(["ada"]);
  });

  it("follows the state of a connection", async () => {
    const { members, ...room } = await open();
    const ada = await room.join({ user: "ada" });
    const bob = await room.join({ user: "bob" });
    bob.emit("rename", { name: "Bobby" });
    await ada.waitUntil(() => ada.get("bob")?.info.name === "Bobby");
    expect((await members())[1]?.info).toEqual({ name: "Bobby" });
  });

  it("does not let a hook change a member", async () => {
    const errors: string[] = [];
    const { members, ...room } = await open({
      onJoin: ({ info }) => void (info.name = "changed"),
      onError: (error) => void errors.push(String(error)),
    });
    const ada = await room.join({ user: "ada" });
    await ada.waitUntil(() => errors.join().includes("read only"));
    expect((await members())[0]?.info).toEqual({ name: "ada" });
    expect(ada.get("ada")?.info).toEqual({ name: "ada" });
  });

  it("shows each viewer what it may see, at once", async () => {
    const { join, room } = await open({
      visible: ({ info }, viewer) => viewer.state.role === "host" || !info.name.startsWith("_"),
    });
    const host = await join({ user: "host", role: "host" });
    const spy = await join({ user: "spy", name: "_spy" });
    const ada = await join({ user: "ada" });
    await host.untilKeys("ada", "host", "spy");
    await spy.untilKeys("ada", "host", "spy");
    expect(ada.keys()).toEqual(["ada", "host"]);
    expect(ada.presence.size).toBe(2);
    spy.emit("rename", { name: "spy" });
    await ada.untilKeys("ada", "host", "spy");
    await room.step();
    spy.emit("rename", { name: "_spy" });
    await ada.untilKeys("ada", "host");
    await host.untilKeys("ada", "host", "spy");
  });

  it("lists some members of a large room, and each client to itself", async () => {
    const { join } = await open({ maxListed: 2, graceMs: 0 });
    const a = await join({ user: "a" });
    const b = await join({ user: "b" });
    const c = await join({ user: "c" });
    const d = await join({ user: "d" });
    await d.untilKeys("a", "b", "d");
    await c.untilKeys("a", "b", "c");
    await a.waitUntil(() => a.presence.size === 4 && a.presence.isPartial);
    expect(a.keys()).toEqual(["a", "b"]);
    await d.set(DATA);
    await d.waitUntil(() => d.get("d")?.devices[0]?.presence !== undefined);
    await b.close();
    await a.untilKeys("a", "c");
    await c.close();
    await a.waitUntil(() => a.keys().join() === "a,d" && !a.presence.isPartial);
    expect(a.presence.size).toBe(2);
    await d.untilKeys("a", "d");
    await a.waitUntil(() => a.get("d")?.presence?.cursor?.x === 1);
  });

  it("takes a member off the lists that leaves a large room, and is back unlisted within a window", async () => {
    const { join, room } = await open({ maxListed: 2, graceMs: 0, windowMs: 1_000 });
    const a = await join({ user: "a" });
    const b = await join({ user: "b" });
    const c = await join({ user: "c" });
    await b.waitUntil(() => b.presence.size === 3 && b.keys().join() === "a,b");
    // It begins a window, unless one has begun.
    await a.set(DATA);
    a.emit("become", { user: "x" });
    await room.step();
    a.emit("become", { user: "a" });
    await b.untilKeys("b", "c");
    await c.untilKeys("b", "c");
    await a.untilKeys("a", "b", "c");
    expect(b.presence.size).toBe(3);
  });
});

describePresenceKit(
  "the grace period",
  (open) => {
    it("keeps a member that comes back within it, and tells nobody that it left", async () => {
      const left = vi.fn<(member: TestMember) => void>();
      const { members, join, room } = await open({ graceMs: MINUTE_MS, onLeave: left });
      const [ada, bob] = [await join({ user: "ada" }), await join({ user: "bob" })];
      await ada.untilKeys("ada", "bob");
      const told: string[] = [];
      for (const event of ["join", "leave"] as const) {
        ada.presence.on(event, ({ key }) => told.push(`${event} ${key}`));
      }
      await bob.set(DATA);
      await ada.waitUntil(() => ada.get("bob")?.presence !== undefined);
      await bob.close();
      await ada.waitUntil(() => ada.get("bob")?.devices.length === 0);
      expect(ada.get("bob")?.presence).toEqual(DATA);
      expect(await members()).toEqual(ada.shown());
      await room.advance(MINUTE_MS / 2);
      const back = await join({ user: "bob", id: "again" });
      expect(back.keys()).toEqual(["ada", "bob"]);
      await ada.waitUntil(() => ada.get("bob")?.devices.length === 1);
      await room.advance(2 * MINUTE_MS);
      expect(ada.keys()).toEqual(["ada", "bob"]);
      expect(told).toEqual([]);
      expect(left).not.toHaveBeenCalled();
    });
  },
  "awake",
);

describePresenceRooms("the frames of presence", (open) => {
  it("does not let a device's older data replace the newer data of another", async () => {
    const room = open();
    const ada = await Viewer.join(room, { user: "ada", id: "active" });
    await ada.set({ cursor: { x: 5, y: 5 }, typing: true });
    await ada.until(() => ada.get("ada")?.presence?.typing === true);
    // A second tab with its initial data, and what a reconnect sends again.
    const idle = await Viewer.join(room, { user: "ada", id: "idle" });
    const initial = { cursor: null, typing: false };
    const again = ["cursor", "typing"];
    await idle.socket.sendFrame("$presence", { set: initial, n: 1, again });
    await ada.until(
      () => ada.get("ada")?.devices.some(({ id, presence: own }) => id === "idle" && own) === true,
    );
    expect(ada.get("ada")?.presence).toEqual({ cursor: { x: 5, y: 5 }, typing: true });
    expect(ada.shown).toEqual(await membersOf(room));
    // A change counts, and what is sent again with it does not.
    await idle.socket.sendFrame("$presence", {
      set: { ...initial, typing: false },
      n: 2,
      again: ["cursor"],
    });
    await ada.until(() => ada.get("ada")?.presence?.typing === false);
    expect(ada.get("ada")?.presence?.cursor).toEqual({ x: 5, y: 5 });
    expect(ada.shown).toEqual(await membersOf(room));
    await ada.socket.sendFrame("$presence", { set: initial, n: 3, again: "cursor" });
    await ada.until(() => ada.errors.length === 1);
    expect(ada.errors).toMatchObject([{ code: "bad_frame" }]);
  });

  it("refuses data by the schema, and changes nothing", async () => {
    const room = open();
    const ada = await Viewer.join(room, { user: "ada" });
    const first = await ada.set({ typing: true });
    await ada.until(() => ada.refusals.length === 1);
    expect(ada.refusals[0]).toMatchObject({
      refused: first,
      fields: {},
      error: { code: "invalid", issues: [{ path: ["cursor"] }] },
    });
    await ada.set(DATA);
    await ada.until(() => ada.get("ada")?.presence !== undefined);
    await ada.set({ typing: "yes" });
    await ada.until(() => ada.refusals.length === 2);
    expect(ada.refusals[1]).toMatchObject({
      fields: { typing: false },
      error: { code: "invalid" },
    });
    await ada.set({ note: "é".repeat(2_000) });
    await ada.until(() => ada.refusals.length === 3);
    expect(ada.refusals[2]).toMatchObject({ fields: {}, error: { code: "too_large" } });
    expect((await membersOf(room))[0]?.presence).toEqual(DATA);
  });

  it("sends a client nothing that has not asked, whose member is listed all the same", async () => {
    const room = open();
    const quiet = await Viewer.join(room, { user: "quiet", asks: false });
    const raw = await room.connect("?_pk=raw&user=raw");
    const ada = await Viewer.join(room, { user: "ada" });
    await ada.untilKeys("ada", "quiet", "raw");
    expect(quiet.told).toEqual([]);
    await quiet.set(DATA);
    await quiet.until(() => quiet.errors.length === 1);
    await quiet.socket.sendFrame("$with", "presence");
    await quiet.untilKeys("ada", "quiet", "raw");
    await quiet.set(DATA);
    await ada.until(() => ada.get("quiet")?.presence !== undefined);
    expect(quiet.told).toEqual(["="]);
    expect(raw.received).toEqual([]);
  });

  it("refuses a client whose `who` throws", async () => {
    const errors: unknown[] = [];
    const room = open({
      who() {
        throw new Error("secret");
      },
      onError: (error, { during, name }) => errors.push([String(error), during, name]),
    });
    const socket = await room.connect("?_pk=ada", ["partyflare.1"]);
    expect(await socket.frame()).toMatchObject(["$close", { code: 1011, reason: "internal" }]);
    expect(errors).toEqual([["Error: secret", "capability", "presence"]]);
  });
});

describe("presence()", () => {
  it.each([undefined, {}, { graceMs: 0 }, { who: undefined }])(
    "refuses %j for a contract with `member`, as code without types may call it",
    (options) => {
      const contract = defineContract({ member: type<{ name: string }>() });
      expect(() => FakeHost.with(presence(options as never), { contract })).toThrow(
        "presence(): the contract has `member`, so `who` has to return it.",
      );
    },
  );

  it.each([
    [{ graceMs: -1 }, RangeError],
    [{ graceMs: 1.5 }, RangeError],
    [{ maxListed: Infinity }, RangeError],
    [{ who: "ada" }, TypeError],
    [{ visble: () => true }, TypeError],
  ])("refuses %j", (options, kind) => {
    expect(() => presence(options as object)).toThrow(kind);
  });
});
