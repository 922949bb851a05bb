import { runInDurableObject } from "cloudflare:test";
import { defineContract, type } from "@partyflare/shared";
import { describe, expect, it, vi } from "vitest";
import { FakeHost } from "../../../test/fake-host";
import type { PresenceTestRoom, TestMember } from "../../../test/presence-party";
import { Viewer } from "../../../test/presence-viewer";
import { describePresenceRooms, type TestRoom } from "../../../test/rooms";
import { presence } from "./presence";

/** Long enough that no test reaches its end. */
const NEVER_MS = 600_000;

const DATA = { cursor: { x: 1, y: 2 }, typing: false };

async function membersOf(room: TestRoom<PresenceTestRoom>): Promise<TestMember[]> {
  return runInDurableObject(room.stub, (party) =>
    structuredClone([...party.presence.members].toSorted((a, b) => (a.key < b.key ? -1 : 1))),
  );
}

describePresenceRooms("presence", (open) => {
  it("gives each client the list with its hello, and tells the others of it", async () => {
    const room = open();
    const ada = await Viewer.join(room, { user: "ada", name: "Ada" });
    expect(ada.me).toBe("ada");
    expect(ada.shown).toEqual([
      { key: "ada", info: { name: "Ada" }, presence: undefined, devices: [{ id: "ada" }] },
    ]);
    const bob = await Viewer.join(room, { user: "bob" });
    expect(bob.keys).toEqual(["ada", "bob"]);
    await ada.untilKeys("ada", "bob");
    expect([ada.size, bob.size]).toEqual([2, 2]);
    expect(await membersOf(room)).toEqual(ada.shown);
  });

  it("counts two tabs as one member with two devices", async () => {
    const room = open({ graceMs: 0 });
    const ada = await Viewer.join(room, { user: "ada", id: "one" });
    const tab = await Viewer.join(room, { user: "ada", id: "two" });
    await ada.until(() => ada.get("ada")?.devices.length === 2);
    expect(ada.size).toBe(1);
    await ada.set(DATA);
    await tab.until(() => tab.get("ada")?.presence?.cursor?.x === 1);
    await tab.set({ ...DATA, cursor: { x: 7, y: 7 } });
    await ada.set({ typing: true });
    await ada.until(() => ada.get("ada")?.presence?.typing === true);
    await ada.until(() => ada.get("ada")?.presence?.cursor?.x === 7);
    expect(ada.shown).toEqual(await membersOf(room));
    await tab.socket.close(1000);
    await ada.until(() => ada.get("ada")?.devices.length === 1);
    // What is left is the first device's own data.
    expect(ada.get("ada")?.presence).toEqual({ ...DATA, typing: true });
    expect(ada.told.filter((told) => told !== "=")).toEqual([]);
  });

  it("removes a member after its grace period", async () => {
    const left: string[] = [];
    const room = open({ graceMs: 30, onLeave: ({ key }) => void left.push(key) });
    const ada = await Viewer.join(room, { user: "ada" });
    const bob = await Viewer.join(room, { user: "bob" });
    await ada.untilKeys("ada", "bob");
    await bob.socket.close(1000);
    await ada.untilKeys("ada");
    expect(ada.size).toBe(1);
    expect((await membersOf(room)).map(({ key }) => key)).toEqual(["ada"]);
    await vi.waitFor(() => expect(left).toEqual(["bob"]));
    expect(ada.told).toEqual(["=", "+bob", "-bob"].slice(0, ada.told.length));
  });

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

  it("follows the state of a connection", async () => {
    const room = open();
    const ada = await Viewer.join(room, { user: "ada" });
    const bob = await Viewer.join(room, { user: "bob" });
    await bob.socket.sendFrame("rename", { name: "Bobby" });
    await ada.until(() => ada.get("bob")?.info.name === "Bobby");
    expect((await membersOf(room))[1]?.info).toEqual({ name: "Bobby" });
  });

  it("does not let a hook change a member", async () => {
    const errors: string[] = [];
    const room = open({
      onJoin: ({ info }) => void (info.name = "changed"),
      onError: (error) => void errors.push(String(error)),
    });
    const ada = await Viewer.join(room, { user: "ada" });
    await vi.waitFor(() => expect(errors.join()).toContain("read only"));
    expect((await membersOf(room))[0]?.info).toEqual({ name: "ada" });
    expect(ada.get("ada")?.info).toEqual({ name: "ada" });
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

  it("shows each viewer what it may see, at once", async () => {
    const room = open({
      visible: ({ info }, viewer) => viewer.state.role === "host" || !info.name.startsWith("_"),
    });
    const host = await Viewer.join(room, { user: "host", role: "host" });
    const spy = await Viewer.join(room, { user: "spy", name: "_spy" });
    const ada = await Viewer.join(room, { user: "ada" });
    await host.untilKeys("ada", "host", "spy");
    await spy.untilKeys("ada", "host", "spy");
    expect(ada.keys).toEqual(["ada", "host"]);
    expect(ada.size).toBe(2);
    await spy.socket.sendFrame("rename", { name: "spy" });
    await ada.untilKeys("ada", "host", "spy");
    await spy.socket.sendFrame("rename", { name: "_spy" });
    await ada.untilKeys("ada", "host");
    await host.untilKeys("ada", "host", "spy");
  });

  it("lists some members of a large room, and each client to itself", async () => {
    const room = open({ maxListed: 2, graceMs: 0 });
    const viewers = [];
    for (const user of ["a", "b", "c", "d"]) viewers.push(await Viewer.join(room, { user }));
    const [a, b, c, d] = viewers as [Viewer, Viewer, Viewer, Viewer];
    await d.untilKeys("a", "b", "d");
    await c.untilKeys("a", "b", "c");
    await a.until(() => a.size === 4 && a.partial);
    expect(a.keys).toEqual(["a", "b"]);
    await d.set(DATA);
    await d.until(() => d.get("d")?.presence !== undefined);
    await b.socket.close(1000);
    await a.untilKeys("a", "c");
    await c.socket.close(1000);
    await a.until(() => a.keys.join() === "a,d" && !a.partial && a.size === 2);
    await d.untilKeys("a", "d");
  });

  it("takes a member off the lists that leaves a large room, and is back unlisted within a window", async () => {
    const room = open({ maxListed: 2, graceMs: 0, windowMs: 1_000 });
    const a = await Viewer.join(room, { user: "a" });
    const b = await Viewer.join(room, { user: "b" });
    const c = await Viewer.join(room, { user: "c" });
    await b.until(() => b.size === 3 && b.keys.join() === "a,b");
    // It begins a window, unless one has begun.
    await a.set(DATA);
    await a.socket.sendFrame("become", { user: "x" });
    await a.socket.sendFrame("become", { user: "a" });
    await b.untilKeys("b", "c");
    await c.untilKeys("b", "c");
    await a.untilKeys("a", "b", "c");
    expect(b.size).toBe(3);
  });
});

describePresenceRooms(
  "the grace period",
  (open) => {
    it("keeps a member that comes back within its grace period, and tells nobody that it left", async () => {
      const left = vi.fn<(member: TestMember) => void>();
      const room = open({ graceMs: NEVER_MS, onLeave: left });
      const ada = await Viewer.join(room, { user: "ada" });
      const bob = await Viewer.join(room, { user: "bob" });
      await ada.untilKeys("ada", "bob");
      await bob.set(DATA);
      await ada.until(() => ada.get("bob")?.presence !== undefined);
      await bob.socket.close(1000);
      await ada.until(() => ada.get("bob")?.devices.length === 0);
      expect(ada.get("bob")?.presence).toEqual(DATA);
      expect(await membersOf(room)).toEqual(ada.shown);
      const back = await Viewer.join(room, { user: "bob", id: "again" });
      expect(back.keys).toEqual(["ada", "bob"]);
      await ada.until(() => ada.get("bob")?.devices.length === 1);
      expect(ada.told.filter((told) => told.endsWith("bob"))).toEqual(["+bob"]);
      expect(left).not.toHaveBeenCalled();
    });
  },
  "awake",
);

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
