import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { member, PresenceHost, snapshot } from "../../../test/presence-host";
import { presence } from "./presence";

const WINDOW_MS = 50;
const invalid = { code: "invalid", message: "No." };

describe("the client's own data", () => {
  let host: PresenceHost;
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    host = new PresenceHost();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const joined = () => {
    const here = presence(host.room);
    host.hello(snapshot());
    return here;
  };
  const refuse = (n: number, fields = {}) => host.send({ refused: n, fields, error: invalid });

  it("is shown at once, and sent at once after a quiet window", () => {
    const here = joined();
    const onChange = vi.fn(() => {});
    here.subscribe(onChange);
    here.set({ typing: true });
    expect(here.me).toMatchObject({
      presence: { typing: true },
      devices: [{ id: "mine", presence: { typing: true } }],
    });
    expect(onChange).toHaveBeenCalledTimes(1);
    expect(host.sent).toEqual([{ set: { typing: true }, n: 1 }]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is merged within the window into one frame at its end", () => {
    const here = joined();
    here.set({ typing: true });
    vi.advanceTimersByTime(WINDOW_MS / 2);
    here.set({ cursor: { x: 1, y: 1 } });
    here.set({ cursor: { x: 2, y: 2 }, typing: false });
    vi.advanceTimersByTime(WINDOW_MS / 2 - 1);
    expect(host.sent).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(host.sets[1]).toEqual({ cursor: { x: 2, y: 2 }, typing: false });
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(WINDOW_MS);
    here.set({ cursor: null });
    expect(host.sent[2]).toEqual({ set: { cursor: null }, n: 3 });
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is sent in windows of another length", () => {
    const here = presence(host.room, { windowMs: 200 });
    host.hello(snapshot());
    here.set({ typing: true });
    here.set({ typing: false });
    vi.advanceTimersByTime(199);
    expect(host.sent).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(host.sent).toHaveLength(2);
    presence(host.room, { windowMs: 0 });
    here.set({ typing: true });
    here.set({ typing: false });
    expect(host.sent).toHaveLength(4);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("keeps fields that are undefined, and sends nothing for what has not changed", () => {
    const here = joined();
    here.set({ cursor: { x: 1, y: 1 }, typing: true });
    const { state } = here;
    here.set({ cursor: undefined, typing: true });
    here.set({ cursor: { y: 1, x: 1 } });
    expect(here.state).toBe(state);
    expect(host.sent).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is a copy of what the app has passed", () => {
    const here = joined();
    const cursor = { x: 1, y: 1 };
    here.set({ typing: true });
    here.set({ cursor });
    cursor.x = 9;
    vi.advanceTimersByTime(WINDOW_MS);
    expect(host.sets[1]).toEqual({ cursor: { x: 1, y: 1 } });
    expect(here.me?.presence?.cursor).toEqual({ x: 1, y: 1 });
  });

  it("does not change if JSON cannot hold it", () => {
    const here = joined();
    const { state } = here;
    expect(() => here.set({ typing: true, cursor: { x: 1n, y: 1 } as never })).toThrow(TypeError);
    expect(here.state).toBe(state);
    here.set({ typing: false });
    expect(host.sets).toEqual([{ typing: false }]);
  });

  it("is collected without a connection, and sent whole in the first frame of each", () => {
    const here = presence(host.room, { initial: { cursor: null, typing: false } });
    here.set({ typing: true });
    expect(host.sent).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
    host.hello(snapshot());
    expect(host.sets).toEqual([{ cursor: null, typing: true }]);
    here.set({ cursor: { x: 1, y: 1 } });
    host.lose();
    here.set({ typing: false });
    expect(here.me?.presence).toEqual({ cursor: { x: 1, y: 1 }, typing: false });
    vi.advanceTimersByTime(WINDOW_MS);
    expect(host.sent).toHaveLength(1);
    host.hello(snapshot());
    expect(here.me?.presence).toEqual({ cursor: { x: 1, y: 1 }, typing: false });
    expect(host.sent).toHaveLength(2);
    expect(host.sets[1]).toEqual({ cursor: { x: 1, y: 1 }, typing: false });
    expect(host.latest).toBe(2);
    vi.advanceTimersByTime(WINDOW_MS);
    expect(host.sent).toHaveLength(2);
  });

  it("is sent whole also if a listener of the first snapshot sets a field", () => {
    const here = presence(host.room, { initial: { cursor: null, typing: false } });
    here.subscribe(() => here.set({ typing: true }));
    host.hello(snapshot());
    vi.advanceTimersByTime(WINDOW_MS);
    expect(host.sets).toEqual([{ cursor: null, typing: false }, { typing: true }]);
  });

  it("takes the initial data of the first caller, if nothing was set yet", () => {
    const here = presence(host.room);
    presence(host.room, { initial: { typing: true } });
    presence(host.room, { initial: { typing: false } });
    host.hello(snapshot());
    expect(host.sets).toEqual([{ typing: true }]);
    refuse(1);
    presence(host.room, { initial: { typing: false } });
    expect(here.me?.presence).toBeUndefined();
    expect(host.sent).toHaveLength(1);
  });

  it("is marked as no change only if the room has had it", () => {
    const START = { cursor: null, typing: false };
    const here = presence(host.room, { initial: START });
    host.hello(snapshot());
    expect(host.sent).toEqual([{ set: START, n: 1, again: ["cursor", "typing"] }]);
    host.send({ set: [member("me", START, "mine")] });
    vi.advanceTimersByTime(WINDOW_MS);
    here.set({ typing: true });
    expect(host.sent.at(-1)).toEqual({ set: { typing: true }, n: 2 });
    // Lost with the connection: the room has never had it.
    host.lose();
    host.hello(snapshot());
    const whole = { ...START, typing: true };
    expect(host.sent.at(-1)).toEqual({ set: whole, n: host.latest, again: ["cursor"] });
    host.send({ set: [member("me", whole, "mine")] });
    host.lose();
    host.hello(snapshot());
    expect(host.sent.at(-1)).toMatchObject({ again: ["cursor", "typing"] });
  });

  it("that replaces another device's newer value is a change until the room has had it", () => {
    const here = presence(host.room, { initial: { typing: false } });
    const listed = (typing: boolean, newest: boolean) => {
      const devices = [
        ["mine", { typing }],
        ["phone", { typing: true }],
      ];
      return { ...member("me"), devices, presence: { typing: newest } };
    };
    const reconnect = () => {
      host.lose();
      host.hello({ ...snapshot(), members: [member("me", { typing: true }, "phone")] });
      return host.sent.at(-1);
    };
    host.hello(snapshot());
    host.send({ set: [listed(false, true)] });
    expect(here.me?.presence).toEqual({ typing: true });
    vi.advanceTimersByTime(WINDOW_MS);
    here.set({ typing: false });
    expect(host.sent.at(-1)).toEqual({ set: { typing: false }, n: 2 });
    // Lost with the connection.
    expect(reconnect()).toEqual({ set: { typing: false }, n: 3 });
    host.lose();
    here.set({ typing: true });
    here.set({ typing: false });
    expect(reconnect()).toEqual({ set: { typing: false }, n: 4 });
    host.send({ set: [listed(false, false)] });
    host.send({ set: [listed(false, true)] });
    expect(here.me?.presence).toEqual({ typing: true });
    expect(reconnect()).toEqual({ set: { typing: false }, n: 5, again: ["typing"] });
  });

  it("that arrives with a newer value of another device is no change either", () => {
    const here = presence(host.room);
    host.hello(snapshot());
    here.set({ typing: false });
    const devices = [
      ["mine", { typing: false }],
      ["phone", { typing: true }],
    ];
    host.send({ set: [{ ...member("me"), devices, presence: { typing: true } }] });
    host.lose();
    host.hello(snapshot());
    expect(host.sent.at(-1)).toEqual({ set: { typing: false }, n: 2, again: ["typing"] });
  });

  it("that the room has dropped above its rate is sent as the change that it is", () => {
    const START = { cursor: null, typing: false };
    const here = presence(host.room, { initial: START });
    host.hello(snapshot());
    host.send({ set: [member("me", START, "mine")] });
    vi.advanceTimersByTime(WINDOW_MS);
    here.set({ typing: true });
    host.drop(1_000);
    vi.advanceTimersByTime(1_000);
    expect(host.sent.at(-1)).toMatchObject({ set: { typing: true }, again: ["cursor"] });
    host.drop(30_000);
    expect(vi.getTimerCount()).toBe(1);
    host.lose();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is sent again as long as the network cannot take it", () => {
    const here = joined();
    host.isWritable = false;
    here.set({ typing: true });
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(3 * WINDOW_MS);
    here.set({ cursor: null });
    host.isWritable = true;
    vi.advanceTimersByTime(WINDOW_MS);
    expect(host.sets).toEqual([{ typing: true, cursor: null }]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("never flickers back when the room sends it", () => {
    const here = joined();
    const shown: unknown[] = [];
    here.subscribe(() => shown.push(here.me?.presence?.typing, here.me?.devices[0]?.presence));
    for (const typing of [true, false, true]) {
      here.set({ typing });
      vi.advanceTimersByTime(WINDOW_MS);
    }
    shown.length = 0;
    host.send({ moved: [["mine", { typing: true }]] });
    host.send({ moved: [["mine", { typing: false }]] });
    host.send(snapshot());
    host.send({ moved: [["mine", { typing: true }]] });
    expect(shown).toEqual([]);
    expect(here.me?.presence).toEqual({ typing: true });
  });

  it("of another device of the member is shown, and the newest value counts", () => {
    const here = presence(host.room);
    const mine = {
      ...member("me"),
      devices: [
        ["mine", null],
        ["tab", null],
      ] as const,
    };
    host.hello({ me: "me", members: [mine], size: 1, partial: false });
    here.set({ typing: true });
    // The room has taken this before it takes the client's own.
    host.send({ moved: [["tab", { typing: false }]] });
    expect(here.me?.presence).toEqual({ typing: true });
    host.send({ moved: [["mine", { typing: true }]] });
    host.send({ moved: [["tab", { typing: false, cursor: null }]] });
    expect(here.me).toMatchObject({
      presence: { typing: false, cursor: null },
      devices: [{ presence: { typing: true } }, { presence: { typing: false, cursor: null } }],
    });
    // It is not the member's newest any more, so that setting it again is a change.
    vi.advanceTimersByTime(WINDOW_MS);
    here.set({ typing: true });
    expect(host.sets).toEqual([{ typing: true }, { typing: true }]);
    host.send({ moved: [["mine", { typing: true }]] });
    expect(here.me?.presence?.typing).toBe(true);
  });

  it("shows what only the room has set, such as a schema's defaults", () => {
    const here = joined();
    here.set({ typing: true });
    host.send({ moved: [["mine", { typing: true, cursor: null }]] });
    expect(here.me?.presence).toEqual({ typing: true, cursor: null });
  });

  it("is undefined again if the room refuses the first, and may be set again", () => {
    const here = joined();
    const shown: unknown[] = [];
    here.set({ typing: true });
    here.subscribe(() => shown.push(here.me?.presence));
    refuse(1);
    expect(shown).toEqual([undefined]);
    expect(here.me?.devices).toEqual([{ id: "mine", presence: undefined }]);
    expect(host.errors).toMatchObject([invalid]);
    vi.advanceTimersByTime(WINDOW_MS);
    here.set({ typing: true, cursor: null });
    expect(host.sets[1]).toEqual({ typing: true, cursor: null });
    expect(here.me?.presence).toEqual({ typing: true, cursor: null });
    expect(vi.getTimerCount()).toBe(0);
  });

  it("reverts if the room refuses it, but for what was set since", () => {
    const here = joined();
    here.set({ typing: false, cursor: null });
    host.send({ moved: [["mine", { typing: false, cursor: null }]] });
    vi.advanceTimersByTime(WINDOW_MS);
    here.set({ typing: true, cursor: { x: -1, y: 0 } });
    here.set({ typing: false });
    here.set({ typing: true });
    refuse(2, { typing: false, cursor: null });
    expect(here.me?.presence).toEqual({ typing: true, cursor: null });
    vi.advanceTimersByTime(WINDOW_MS);
    expect(host.sets.slice(2)).toEqual([{ typing: true }]);
    refuse(3, { typing: false });
    refuse(3, { typing: false });
    expect(here.me?.presence).toEqual({ typing: false, cursor: null });
    expect(vi.getTimerCount()).toBe(0);
    host.lose();
    host.hello(snapshot());
    expect(host.sets[3]).toEqual({ typing: false, cursor: null });
  });

  it("reverts to the accepted value before the room sends that value back", () => {
    const here = joined();
    here.set({ cursor: { x: 1, y: 1 } });
    vi.advanceTimersByTime(WINDOW_MS);
    here.set({ cursor: { x: -1, y: 1 } });
    refuse(2, { cursor: { x: 1, y: 1 } });
    expect(here.me?.presence).toEqual({ cursor: { x: 1, y: 1 } });
    host.send({ moved: [["mine", { cursor: { x: 1, y: 1 } }]] });
    expect(here.me?.presence).toEqual({ cursor: { x: 1, y: 1 } });
  });

  it("reverts to what another device has set", () => {
    const here = presence(host.room);
    const mine = {
      ...member("me"),
      devices: [
        ["mine", null],
        ["tab", { typing: false }],
      ] as const,
    };
    host.hello({
      me: "me",
      members: [{ ...mine, presence: { typing: false } }],
      size: 1,
      partial: false,
    });
    here.set({ typing: true });
    expect(here.me?.presence).toEqual({ typing: true });
    refuse(1);
    expect(here.me?.presence).toEqual({ typing: false });
    expect(here.me?.devices[0]).toEqual({ id: "mine", presence: undefined });
  });

  it("is what the room had accepted, if a change made offline is refused", () => {
    const here = presence(host.room, { initial: { cursor: null, typing: false } });
    host.hello(snapshot());
    host.send({ moved: [["mine", { cursor: null, typing: false }]] });
    host.lose();
    here.set({ cursor: { x: -1, y: 0 } });
    host.hello(snapshot());
    here.set({ typing: true });
    vi.advanceTimersByTime(WINDOW_MS);
    expect(host.sets.slice(1)).toEqual([
      { cursor: { x: -1, y: 0 }, typing: false },
      { typing: true },
    ]);
    // The room has nothing, so that it refuses both: the second is not complete.
    refuse(2);
    refuse(3);
    vi.advanceTimersByTime(WINDOW_MS);
    expect(host.sets.slice(3)).toEqual([{ cursor: null, typing: true }]);
    expect(here.me?.presence).toEqual({ cursor: null, typing: true });
    host.send({ moved: [["mine", { cursor: null, typing: true }]] });
    vi.advanceTimersByTime(WINDOW_MS);
    here.set({ typing: false });
    expect(host.sets[4]).toEqual({ typing: false });
  });

  it("is given up if the room refuses also what it had accepted", () => {
    const here = presence(host.room, { initial: { cursor: null, typing: false } });
    host.hello(snapshot());
    host.send({ moved: [["mine", { cursor: null, typing: false }]] });
    host.lose();
    host.hello(snapshot());
    for (let times = 0; times < 5; times += 1) {
      refuse(host.latest);
      vi.advanceTimersByTime(WINDOW_MS);
    }
    expect(host.sent).toHaveLength(3);
    expect(here.me?.presence).toBeUndefined();
  });
});
