import type { WireSharedEntry } from "@partyflare/shared/internal";
import { describe, expect, it } from "vitest";
import { apply, type Change } from "../../../test/patches";
import { merged, patched } from "./patch";

const items = (...ids: string[]) => ids.map((id) => ({ id }));

describe("a change of the shared state", () => {
  it("sets and removes keys", () => {
    const before = { a: 1, b: { c: 2 } };
    expect(apply(before, { set: [["d", null]], gone: [["a"]] })).toEqual({ b: { c: 2 }, d: null });
    expect(apply(undefined, { reset: true, set: [["a", 1]] })).toEqual({ a: 1 });
    expect(apply(before, { reset: true })).toEqual({});
    expect(apply(before, { gone: [["x"], ["x", "y"], ["a", "y"], ["constructor", "y"]] })).toBe(
      before,
    );
  });

  it("sets and removes entries of a record, whatever their names", () => {
    const before = { votes: { ada: 1, bob: 2 }, phase: "open" };
    const after = apply(before, {
      gone: [["votes", "ada"]],
      set: [
        ["votes", "constructor", 3],
        ["votes", "0", 4],
      ],
    });
    expect(after).toEqual({ votes: { bob: 2, constructor: 3, "0": 4 }, phase: "open" });
    expect(apply({}, { set: [["toString", 1]] })).toEqual({ toString: 1 });
  });

  it("removes before it sets, in all of its frames", () => {
    const first: Change = { set: [["votes", { cyd: 1 }]], more: true };
    const last: Change = { gone: [["votes"]], set: [["votes", "ada", 2]] };
    expect(apply({ votes: { bob: 1 } }, first, last)).toEqual({ votes: { cyd: 1, ada: 2 } });
  });

  it("takes a large record or list entry by entry", () => {
    const set: WireSharedEntry[] = [
      ["votes", {}],
      ["tasks", []],
      ["votes", "ada", 1],
      ["tasks", "a", { id: "a" }, null],
      ["votes", "bob", 2],
      ["tasks", "b", { id: "b" }, "a"],
    ];
    const after = apply({ tasks: items("b", "z") }, { reset: true, set });
    expect(after).toEqual({ votes: { ada: 1, bob: 2 }, tasks: items("a", "b") });
  });

  it("inserts, replaces, moves and removes items of a list", () => {
    const before = { tasks: items("a", "b", "c", "d") };
    const idsAfter = (change: Change) =>
      (apply(before, change)["tasks"] as { id: string }[]).map(({ id }) => id).join("");
    const item = (id: string, after: string | null): WireSharedEntry => [
      "tasks",
      id,
      { id, text: "new" },
      after,
    ];
    expect(idsAfter({ set: [item("x", null)] })).toBe("xabcd");
    expect(idsAfter({ set: [item("x", "d"), item("y", "x")] })).toBe("abcdxy");
    expect(idsAfter({ set: [item("b", "a")] })).toBe("abcd");
    expect(idsAfter({ set: [item("a", "d")] })).toBe("bcda");
    expect(idsAfter({ set: [item("d", null), item("a", "d")] })).toBe("dabc");
    expect(idsAfter({ set: [item("c", null), item("b", "a")] })).toBe("cabd");
    expect(idsAfter({ set: [item("x", "b")], gone: [["tasks", "a"]] })).toBe("bxcd");
    expect(
      idsAfter({
        gone: [
          ["tasks", "0"],
          ["tasks", "c"],
        ],
      }),
    ).toBe("abd");
  });

  it("shares all that is equal with the earlier value", () => {
    const before = {
      votes: { ada: { at: [1, 2] }, bob: { at: [3] } },
      tasks: [{ id: "a", by: { name: "Ada" } }, { id: "b" }],
      plain: [{ x: 1 }, { x: 2 }],
    };
    const copy = structuredClone(before);
    const again = apply(before, { reset: true, set: Object.entries(copy) });
    expect(again).toBe(before);
    const after = apply(before, {
      set: [
        ["votes", "bob", { at: [3] }],
        ["tasks", "x", { id: "x" }, null],
      ],
    });
    expect(after).not.toBe(before);
    expect(after["votes"]).toBe(before.votes);
    expect(after["plain"]).toBe(before.plain);
    expect((after["tasks"] as unknown[])[1]).toBe(before.tasks[0]);
    const changed = structuredClone(before);
    changed.votes.ada.at.push(9);
    changed.tasks.reverse();
    const mixed = apply(before, { reset: true, set: Object.entries(changed) });
    expect(mixed).toEqual(changed);
    const { votes, tasks } = mixed as typeof before;
    expect(votes.bob).toBe(before.votes.bob);
    expect(tasks[0]).toBe(before.tasks[1]);
    expect(tasks[1]).toBe(before.tasks[0]);
  });

  it("shares nothing that is neither a plain object nor a list", () => {
    const [one, other] = [new Date(1), new Date(2)];
    expect(merged({ at: one, map: new Map() }, { at: other, map: 1 })).toEqual({
      at: other,
      map: 1,
    });
    const map = new Map([[1, 1]]);
    expect(merged({ map: new Map() }, { map }).map).toBe(map);
    expect(merged({ 0: 1 }, [1])).toEqual([1]);
    expect(merged([], {})).toEqual({});
    expect(merged({ a: 1 }, null)).toBeNull();
  });

  const HOSTILE: Record<string, Change> = {
    "a place that is no list": { set: ["a"] as never },
    "a place that is nothing": { set: [null] as never },
    "a place without a value": { set: [["a"]] as never },
    "a place with too much": { set: [["tasks", "x", { id: "x" }, null, 1]] as never },
    "a key that is no text": { set: [[1, 1]] as never },
    "an entry that is no text": { set: [["votes", 1, 1]] as never },
    "a gone place that is empty": { gone: [[]] as never },
    "a gone place with too much": { gone: [["votes", "ada", 1]] as never },
    "a gone place that is a text": { gone: ["votes"] as never },
    "a gone entry that is no text": { gone: [["votes", null]] as never },
    "a key __proto__": { set: [["__proto__", { isAdmin: true }]] },
    "an entry of a key __proto__": { set: [["__proto__", "isAdmin", true]] },
    "an entry __proto__": { set: [["votes", "__proto__", { isAdmin: true }]] },
    "a gone key __proto__": { gone: [["__proto__"]] },
    "a gone entry of __proto__": { gone: [["__proto__", "toString"]] },
    "an entry of a key that is not there": { set: [["nobody", "a", 1]] },
    "an entry of a number": { set: [["count", "a", 1]] },
    "an entry of an inherited function": { set: [["constructor", "a", 1]] },
    "an entry of a list without its place": { set: [["tasks", "x", { id: "x" }]] },
    "an item of a record": { set: [["votes", "x", { id: "x" }, null]] },
    "an item behind one that is not there": { set: [["tasks", "x", { id: "x" }, "nobody"]] },
    "an item behind one that leaves": {
      set: [["tasks", "x", { id: "x" }, "a"]],
      gone: [["tasks", "a"]],
    },
    "an item with another id": { set: [["tasks", "x", { id: "y" }, null]] },
    "an item without an id": { set: [["tasks", "x", null, null]] },
  };

  it.each(Object.keys(HOSTILE))("refuses %s", (name) => {
    const before = { votes: { ada: 1 }, tasks: items("a"), count: 1 };
    expect(() => apply(before, HOSTILE[name]!)).toThrow(
      expect.objectContaining({ code: "bad_frame" }),
    );
    expect(({} as { isAdmin?: true }).isAdmin).toBeUndefined();
    expect(before).toEqual({ votes: { ada: 1 }, tasks: items("a"), count: 1 });
  });

  it("takes a list of 20,000 items, one after the other", () => {
    const all = Array.from({ length: 20_000 }, (_, at) => ({ id: `${at}` }));
    const set = all.map((item, at): WireSharedEntry => [
      "tasks",
      item.id,
      item,
      all[at - 1]?.id ?? null,
    ]);
    expect(apply(undefined, { reset: true, set: [["tasks", []], ...set] })).toEqual({ tasks: all });
  });
});

it("inserts any number of items into a list in one pass, and refuses a circle", () => {
  const items = Array.from({ length: 3_000 }, (_, index) => ({ id: `i${index}` }));
  const before = { list: items.filter((_, index) => index % 2 === 0) };
  const set = items.flatMap((item, index) =>
    index % 2 === 0 ? [] : [["list", item.id, item, `i${index - 1}`] as const],
  );
  expect(patched(before, [{ version: 2, run: "r", set }])).toEqual({ list: items });
  const circle = [
    ["list", "a", { id: "a" }, null],
    ["list", "b", { id: "b" }, "a"],
    ["list", "a", { id: "a" }, "b"],
  ] as const;
  expect(() => patched({ list: [] }, [{ version: 2, run: "r", set: circle }])).toThrow("bad frame");
});

it("refuses two items that follow the same one, since one of them would be lost", () => {
  const set = [
    ["list", "b", { id: "b" }, "a"],
    ["list", "c", { id: "c" }, "a"],
  ] as const;
  const list = [{ id: "a" }];
  expect(() => patched({ list }, [{ version: 2, run: "r", set }])).toThrow("bad frame");
});
