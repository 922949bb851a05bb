import { expect, it } from "vitest";
import { Viewer } from "../../../test/presence-viewer";
import { describePresenceRooms } from "../../../test/rooms";

const DATA = { cursor: { x: 1, y: 2 }, typing: false };

const deep = (levels: number) => "[".repeat(levels) + "]".repeat(levels);

describePresenceRooms("a hostile client", (open) => {
  it.each([
    "[]",
    "null",
    '"text"',
    "{}",
    '{"set":[],"n":1}',
    '{"set":null,"n":1}',
    '{"set":{},"n":null}',
    '{"set":{},"n":1e300}',
    '{"set":{},"n":-1}',
    '{"set":{},"n":1.5}',
    '{"set":{"note":1,"__proto__":{"typing":true}},"n":1}',
    '{"set":{"__proto__":{"typing":true},"constructor":1,"toString":2},"n":1}',
    `{"set":{"cursor":${deep(60)}},"n":1}`,
    `{"set":{"cursor":${deep(3_000)}},"n":1}`,
    `{"set":${JSON.stringify(Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`f${i}`, i])))},"n":1}`,
  ])("is answered and changes nothing: %.60s", async (payload) => {
    const errors: unknown[] = [];
    const room = open({ onError: (error) => void errors.push(error) });
    const ada = await Viewer.join(room, { user: "ada" });
    await ada.socket.send(`["$presence",${payload}]`);
    await ada.until(() => ada.errors.length + ada.refusals.length === 1);
    // A field of Object.prototype is none that the room has accepted.
    for (const { fields } of ada.refusals) expect(Object.keys(fields)).toEqual([]);
    expect(ada.get("ada")?.presence).toBeUndefined();
    expect(errors).toEqual([]);
    await ada.set(DATA);
    await ada.until(() => ada.get("ada")?.presence?.cursor?.x === 1);
  });

  it("with a large state is refused data that has no room, and stays", async () => {
    const room = open({ graceMs: 0, who: ({ state }) => ({ key: state.user, name: "n" }) });
    const ada = await Viewer.join(room, { user: "ada" });
    await ada.set(DATA);
    await ada.until(() => ada.get("ada")?.presence !== undefined);
    await ada.socket.sendFrame("become", { role: "x".repeat(15_500) });
    const n = await ada.set({ note: "y".repeat(1_500) });
    await ada.until(() => ada.refusals.length === 1);
    expect(ada.refusals[0]).toMatchObject({ refused: n, error: { code: "too_large" } });
    expect(ada.get("ada")?.presence).toEqual(DATA);
    await ada.set({ typing: true });
    await ada.until(() => ada.get("ada")?.presence?.typing === true);
    expect(ada.socket.isClosed).toBe(false);
  });

  it("counts the merged whole in bytes of UTF-8", async () => {
    const room = open();
    const ada = await Viewer.join(room, { user: "ada" });
    await ada.set({ ...DATA, note: "é".repeat(990) });
    await ada.until(() => ada.get("ada")?.presence !== undefined);
    await ada.set({ cursor: { x: 1.234_567_890_123, y: 1.234_567_890_123 } });
    await ada.until(() => ada.refusals.length === 1);
    expect(ada.refusals[0]?.error.code).toBe("too_large");
    expect(ada.refusals[0]?.fields).toEqual({ cursor: DATA.cursor });
  });

  it("that is no member is refused, and its data is there again when it is one", async () => {
    const room = open({
      graceMs: 0,
      who: ({ state: { user, name } }) => (user === "" ? null : { key: user, name }),
    });
    const ada = await Viewer.join(room, { user: "ada" });
    await ada.set(DATA);
    await ada.until(() => ada.get("ada")?.presence !== undefined);
    await ada.socket.sendFrame("become", { user: "" });
    await ada.until(() => ada.me === null);
    await ada.set({ typing: true });
    await ada.until(() => ada.refusals.length === 1);
    expect(ada.refusals[0]).toMatchObject({
      fields: { typing: false },
      error: { code: "forbidden" },
    });
    await ada.socket.sendFrame("become", { user: "ada" });
    await ada.until(() => ada.me === "ada");
    expect(ada.get("ada")?.presence).toEqual(DATA);
  });

  it.each([{ key: "k".repeat(257) }, { key: "" }, { name: "é".repeat(1_100) }])(
    "whose `who` is over its bounds is refused: %.40j",
    async (extra) => {
      const errors: string[] = [];
      const room = open({
        who: ({ state }) => ({ key: state.user, name: "n", ...extra }),
        onError: (_error, { during }) => void errors.push(during),
      });
      const ada = await Viewer.join(room, { user: "ada" });
      await ada.until(() => ada.socket.isClosed);
      expect(errors).toEqual(["capability"]);
    },
  );
});

// After a wake-up, each viewer gets the whole list once more.
describePresenceRooms(
  "a viewer",
  (open) => {
    it("gets no byte of a member that it may not see", async () => {
      const room = open({
        graceMs: 0,
        maxListed: 2,
        visible: ({ info }, viewer) => viewer.state.role === "host" || info.name !== "hidden",
      });
      const spy = await Viewer.join(room, { user: "spy" });
      const host = await Viewer.join(room, { user: "host", role: "host" });
      await spy.untilKeys("host", "spy");
      const before = spy.socket.received.length;
      const hidden = await Viewer.join(room, { user: "secret", id: "its-id", name: "hidden" });
      await hidden.set(DATA);
      await hidden.until(() => hidden.get("secret")?.presence !== undefined);
      await host.until(() => host.size === 3);
      await hidden.socket.close(1000);
      await host.until(() => host.size === 2);
      await host.set(DATA);
      await spy.until(() => spy.get("host")?.presence !== undefined);
      // One for the host's data, and none for the hidden member's join, data and leaving.
      expect(spy.socket.received).toHaveLength(before + 1);
      expect(spy.socket.received.join("\n")).not.toMatch(/secret|its-id|hidden/);
      expect(spy.partial).toBe(false);
    });
  },
  "awake",
);
