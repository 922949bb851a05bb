import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { member, PresenceHost, snapshot } from "../../../test/presence-host";
import { presence } from "./presence";

describe("the members of a room", () => {
  let host: PresenceHost;
  beforeEach(() => (host = new PresenceHost()));

  const listened = () => {
    const here = presence(host.room);
    const seen: string[] = [];
    for (const event of ["join", "update", "leave"] as const) {
      here.on(event, ({ key }) => seen.push(`${event} ${key}`));
    }
    const onChange = vi.fn(() => {});
    here.subscribe(onChange);
    return { here, seen, onChange };
  };

  it("are one object for a room", () => {
    expect(presence(host.room)).toBe(presence(host.room));
    expect(host.asked).toContain("presence");
    expect(() => presence({} as never)).toThrow(TypeError);
  });

  it("are nobody before the first snapshot, also if data was set", () => {
    const here = presence(host.room);
    here.set({ typing: true });
    expect(here).toMatchObject({ me: undefined, others: [], members: [], size: 0 });
    expect(here.isPartial).toBe(false);
    host.hello(snapshot());
    expect(here.me?.presence).toEqual({ typing: true });
  });

  it("come with the first snapshot, which reports no joins and is one change", () => {
    const { here, seen, onChange } = listened();
    host.hello({ ...snapshot(member("ada"), member("bob")), size: 9, partial: true });
    expect(here.me).toEqual({
      key: "me",
      info: { name: "ME" },
      presence: undefined,
      devices: [{ id: "mine", presence: undefined }],
    });
    expect(here.others.map(({ key }) => key)).toEqual(["ada", "bob"]);
    expect(here.members).toEqual([here.me, ...here.others]);
    expect([here.size, here.isPartial]).toEqual([9, true]);
    expect(here.state).toMatchObject({ me: here.me, others: here.others, size: 9 });
    expect(seen).toEqual([]);
    expect(onChange).toHaveBeenCalledTimes(1);
  });

  it("count an empty first snapshot as the first", () => {
    const { here, seen } = listened();
    host.hello({ me: null, members: [], size: 0, partial: false });
    expect(here.me).toBeUndefined();
    host.send({ set: [member("ada")], size: 1 });
    expect(seen).toEqual(["join ada"]);
  });

  it("join, change and leave, each reported once after the whole change", () => {
    const { here, seen, onChange } = listened();
    host.hello(snapshot(member("ada"), member("bob")));
    onChange.mockClear();
    here.on("join", () => expect(here.others.map(({ key }) => key)).toEqual(["ada", "cyd"]));
    host.send({ set: [member("cyd")], moved: [["ada", { typing: true }]], gone: ["bob"], size: 3 });
    expect(seen.toSorted()).toEqual(["join cyd", "leave bob", "update ada"]);
    expect(onChange).toHaveBeenCalledTimes(1);
    // All parts again, and others that mean nothing.
    host.send({ set: [member("cyd")], moved: [["ada", { typing: true }]], gone: ["bob"], size: 3 });
    host.send({ moved: [["nobody", { typing: true }]], gone: ["nobody"] });
    expect(seen).toHaveLength(3);
    expect(onChange).toHaveBeenCalledTimes(1);
    expect(here.others[0]?.presence).toEqual({ typing: true });
    expect(here.others[0]?.devices).toEqual([{ id: "ada", presence: { typing: true } }]);
    expect(here.size).toBe(3);
  });

  it("have the newest value of each field over all devices", () => {
    const { here } = listened();
    const two = {
      ...member("ada"),
      devices: [
        ["a1", { typing: true }],
        ["a2", null],
      ] as const,
    };
    host.hello(snapshot({ ...two, presence: { typing: true } }));
    host.send({
      moved: [
        ["a2", { typing: false }],
        ["a1", { cursor: null }],
      ],
    });
    expect(here.others[0]).toMatchObject({
      presence: { typing: false, cursor: null },
      devices: [
        { id: "a1", presence: { typing: true, cursor: null } },
        { id: "a2", presence: { typing: false } },
      ],
    });
    host.send({ set: [{ ...two, devices: [], presence: { typing: false } }] });
    expect(here.others[0]).toMatchObject({ presence: { typing: false }, devices: [] });
  });

  it("stay the same objects until they change", () => {
    const { here } = listened();
    host.hello(snapshot(member("ada", { typing: true }), member("bob")));
    const { me, others, members, state } = here;
    host.send({ moved: [["mine", { typing: true }]] });
    expect(here.others).toBe(others);
    expect(here.me).not.toBe(me);
    expect(here.members).not.toBe(members);
    expect(state.me).toBe(me);
    const after = here.state;
    host.send({ moved: [["ada", { typing: true }]], set: [member("bob")] });
    expect(here.state).toBe(after);
    host.send({ moved: [["bob", { typing: true }]] });
    expect(here.others[0]).toBe(others[0]);
    expect(here.others[1]).not.toBe(others[1]);
    expect(here.others[1]?.info).toBe(others[1]?.info);
    expect(here.me).toBe(after.me);
  });

  it("are replaced by a later snapshot, which reports only the differences", () => {
    const { here, seen, onChange } = listened();
    host.hello(snapshot(member("ada"), member("bob"), member("cyd", { typing: true })));
    host.lose();
    expect(here.others).toHaveLength(3);
    const [ada] = here.others;
    const next = snapshot(member("ada"), member("cyd", { typing: false }), member("dan"));
    onChange.mockClear();
    host.hello(next);
    expect(seen.toSorted()).toEqual(["join dan", "leave bob", "update cyd"]);
    expect(here.others[0]).toBe(ada);
    host.send(next);
    expect(seen).toHaveLength(3);
    expect(onChange).toHaveBeenCalledTimes(1);
  });

  it("stay when the room is closed", () => {
    const { here, seen } = listened();
    host.hello(snapshot(member("ada")));
    host.close();
    here.set({ typing: true });
    expect(here.others.map(({ key }) => key)).toEqual(["ada"]);
    expect(here.me?.presence).toEqual({ typing: true });
    expect(seen).toEqual([]);
    expect(host.sent).toEqual([]);
  });

  it("follow a change of the client's own key", () => {
    const { here, seen } = listened();
    host.hello(snapshot(member("ada")));
    host.send({ me: "new", set: [member("new", null, "mine")], gone: ["me"] });
    expect(here.me?.key).toBe("new");
    host.send({ me: null });
    expect(here.me).toBeUndefined();
    expect(here.others.map(({ key }) => key)).toEqual(["ada", "new"]);
    expect(seen).toEqual(["join new"]);
  });

  it("may have names that every object has", () => {
    const { here, seen } = listened();
    host.hello(snapshot(member("__proto__", null, "constructor"), member("toString", null, "a")));
    expect(here.others.map(({ key }) => key)).toEqual(["__proto__", "toString"]);
    here.set({ constructor: 1 } as never);
    host.send({
      moved: [
        ["constructor", { typing: true }],
        ["__proto__", { typing: true }],
      ],
    });
    expect(here.others[0]?.presence).toEqual({ typing: true });
    host.send({ gone: ["__proto__", "valueOf"] });
    expect(seen).toEqual(["update __proto__", "leave __proto__"]);
    host.send({ refused: host.latest, fields: {}, error: { code: "invalid", message: "" } });
    expect(here.me?.presence).toBeUndefined();
  });

  it.each([
    null,
    undefined,
    7,
    "text",
    [],
    { members: {} },
    { members: [null] },
    { members: [{ ...member("ada"), key: 1 }] },
    { members: [{ ...member("ada"), devices: [["x", "text"]] }] },
    { members: [{ ...member("ada"), devices: [null] }] },
    { set: [member("new"), {}] },
    { moved: [["ada", 1]] },
    {
      moved: [
        ["ada", { typing: true }],
        [1, {}],
      ],
    },
    { gone: "ada" },
    { set: [member("new")], size: "1" },
    { me: 1 },
    { refused: 1, fields: {}, error: {} },
  ])("are not changed by a frame that is not valid: %j", (frame) => {
    const { here, onChange } = listened();
    host.hello(snapshot(member("ada")));
    const { state } = here;
    host.send(frame);
    expect(host.errors.map(({ code }) => code)).toEqual(["bad_frame"]);
    expect(here.state).toBe(state);
    expect(onChange).toHaveBeenCalledTimes(1);
    host.send({ set: [member("bob")] });
    expect(here.others).toHaveLength(2);
  });

  it("ignore changes that come before a snapshot", () => {
    const { here, onChange } = listened();
    host.send({ set: [member("ada")], size: 1 });
    expect(here.size).toBe(0);
    expect(onChange).not.toHaveBeenCalled();
  });
});

describe("listeners of the members", () => {
  afterEach(() => vi.unstubAllGlobals());

  it("all run if one throws, and each sees the whole change", () => {
    const host = new PresenceHost();
    const here = presence(host.room);
    const reported = vi.fn();
    vi.stubGlobal("reportError", reported);
    const sizes: number[] = [];
    host.hello(snapshot());
    here.on("join", () => {
      throw new Error("mine");
    });
    here.on("join", () => sizes.push(here.others.length));
    here.subscribe(() => sizes.push(here.size));
    host.send({ set: [member("ada"), member("bob")], size: 3 });
    expect(sizes).toEqual([2, 2, 3]);
    expect(reported).toHaveBeenCalledTimes(2);
  });

  it("may set data, close the room, and add and remove listeners", () => {
    const host = new PresenceHost();
    const here = presence(host.room);
    host.hello(snapshot());
    const seen: string[] = [];
    const stop = here.on("join", ({ key }) => {
      stop();
      seen.push(`first ${key}`);
      here.set({ typing: true });
      here.on("leave", (gone) => seen.push(`later ${gone.key}`));
      host.close();
    });
    here.on("join", ({ key }) => seen.push(`second ${key}`));
    here.subscribe(() => seen.push(`change ${JSON.stringify(here.me?.presence)}`));
    host.send({ set: [member("ada")] });
    const change = 'change {"typing":true}';
    expect(seen).toEqual(["first ada", change, "second ada", change]);
    host.hello(snapshot());
    expect(seen.slice(4)).toEqual(["later ada", change]);
  });
});
