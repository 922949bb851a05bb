import { PartyError } from "@partyflare/shared";
import { describe, expect, it } from "vitest";
import { BEFORE, type Change, changed, type DraftValue as Value } from "../../../test/drafts";
import { seal, sealed } from "./json";

describe("a draft after its function", () => {
  const use: Record<string, (draft: Value) => () => unknown> = {
    "the value": (draft) => () => draft.phase,
    "the value, by a write": (draft) => () => (draft.phase = "x"),
    "the keys": (draft) => () => Object.keys(draft),
    "a record":
      ({ votes }) =>
      () =>
        (votes["x"] = "y"),
    "an entry": ({ boards }) => {
      const board = boards["one"]!;
      return () => board.title;
    },
    "a part of an entry": ({ boards }) => {
      const { cells } = boards["one"]!;
      return () => cells.push(1);
    },
    "an item": ({ tasks }) => {
      const task = tasks[0]!;
      return () => (task.text = "x");
    },
    "a record that was deleted": (draft) => {
      const { votes } = draft;
      delete (draft as Partial<Value>).votes;
      return () => votes["ada"];
    },
    "an entry that was replaced": ({ boards }) => {
      const board = boards["one"]!;
      boards["one"] = { title: "x", cells: [] };
      return () => (board.title = "y");
    },
    "a part that was moved into an entry": ({ boards, tasks }) => {
      const [task] = tasks;
      const { by } = boards["one"]!;
      Object.assign(boards["one"]!, { all: [{ tasks }] });
      Object.assign(task!, { all: { by } });
      return () => (by!.name = task!.text);
    },
    "an entry of a record that was replaced": (draft) => {
      const board = draft.boards["one"]!;
      draft.boards = {};
      return () => board.title;
    },
  };

  it.each(Object.keys(use))("cannot be used: %s", (name) => {
    let later: (() => unknown) | undefined;
    changed((draft) => void (later = use[name]!(draft)));
    expect(() => later?.()).toThrow(TypeError);
  });

  it("cannot be used either if the function throws", () => {
    let kept: Value | undefined;
    const failing = (draft: Value) => {
      kept = draft;
      draft.tasks.push(draft.boards["one"] as never);
      throw new RangeError("of the app");
    };
    expect(() => changed(failing)).toThrow(RangeError);
    expect(() => kept?.phase).toThrow(TypeError);
  });
});

describe("a draft function that is not synchronous", () => {
  it("is refused, whatever kind of promise it returns", async () => {
    let ran = 0;
    const asynchronous = async (draft: Value) => {
      ran += 1;
      draft.phase = "x";
    };
    expect(() => changed(asynchronous)).toThrow(/synchronous/);
    expect(ran).toBe(0);
    expect(() => changed(() => Promise.reject(new Error("must not escape")))).toThrow(
      /synchronous/,
    );
    const remote = Object.assign(() => {}, {
      // oxlint-disable-next-line unicorn/no-thenable -- as the promise of an RPC call is
      then: (resolve: () => void) => resolve(),
    });
    expect(() => changed(() => remote)).toThrow(/synchronous/);
    await Promise.resolve();
  });

  it("may return anything else", () => {
    const late: unknown = JSON.parse('{"then":1}');
    expect(changed((draft) => (draft.late = late)).value.late).toEqual(late);
    expect(changed((draft) => draft).rows).toBe(0);
    expect(changed(({ boards }) => boards["one"]).rows).toBe(0);
    expect(changed(({ boards }) => boards).rows).toBe(0);
  });

  it("does not return the new value, as a setter of React would", () => {
    expect(() => changed((draft) => ({ ...draft, late: 1 }))).toThrow(/assign to the draft/);
  });
});

describe("a draft refuses", () => {
  const bad = (value: unknown) => (draft: Value) => (draft.boards["one"]!.by = value as never);
  const cycle: Record<string, unknown> = {};
  cycle["self"] = [cycle];
  class Point {
    x = 1;
  }

  it.each<[string, Change, RegExp]>([
    ["undefined", bad(undefined), /"boards.one.by" is undefined\. To remove a key, delete it/],
    ["NaN", bad(Number.NaN), /"boards.one.by" is NaN/],
    ["Infinity", bad({ x: [Infinity] }), /"boards.one.by.x.0" is Infinity/],
    ["a Date", bad(new Date()), /is a Date/],
    ["a function", bad(() => {}), /is a function/],
    ["a symbol", bad(Symbol("x")), /is a symbol/],
    ["a bigint", bad(1n), /is a bigint/],
    ["a Map", bad(new Map()), /is a Map/],
    ["an object of a class", bad(new Point()), /is a Point/],
    ["a symbol as a key", bad({ [Symbol("x")]: 1 }), /symbols/],
    ["a hole of an array", bad(Object.assign(Array(3), [1])), /"boards.one.by.1" is undefined/],
    ["a cycle", bad(cycle), /cycle/],
    ["itself", (draft) => (draft.late = draft), /cycle/],
    ["a record in itself", (draft) => (draft.votes["x"] = draft.votes as never), /cycle/],
    ["undefined as a key", (draft) => (draft.phase = undefined as never), /"phase" is undefined/],
    ["undefined as an entry", (draft) => (draft.votes["ada"] = undefined as never), /votes\.ada/],
    ["a symbol of its own", (draft) => Reflect.set(draft, Symbol("x"), 1), /symbols/],
    ["a definition", (draft) => Object.defineProperty(draft, "x", { value: 1 }), /assignments/],
    ["a prototype", (draft) => Object.setPrototypeOf(draft.votes, {}), /assignments/],
    ["to be frozen", (draft) => Object.freeze(draft), /assignments/],
  ])("%s", (_name, change, message) => {
    expect(() => changed(change)).toThrow(message);
  });

  const key = "__proto__";
  it.each<[string, Change]>([
    ["a key", (draft) => ((draft as never as Record<string, unknown>)[key] = 1)],
    ["an entry", (draft) => (draft.votes[key] = "red")],
    ["an entry that is an object", (draft) => (draft.boards[key] = { title: "", cells: [] })],
    ["a key of an object", (draft) => (draft.late = JSON.parse(`{"${key}":1}`))],
    ["a key deep in an object", (draft) => (draft.late = [JSON.parse(`{"a":{"${key}":1}}`)])],
    ["assigned by name", (draft) => Object.assign(draft.votes, JSON.parse(`{"${key}":"red"}`))],
    ["to read from", (draft) => ((draft.boards as never as Any)[key]!["isAdmin"] = true)],
    [
      "deep to read from",
      ({ boards }) => ((boards["one"] as never as Any)[key]!["isAdmin"] = true),
    ],
    ["of a list to read from", ({ tasks }) => ((tasks as never as Any)[key]!["isAdmin"] = true)],
  ])("__proto__ as %s, with an error for the client", (_name, change) => {
    expect(() => changed(change)).toThrow(PartyError);
    expect(() => changed(change)).toThrow(/"__proto__"/);
    expect(({} as Record<string, unknown>)["isAdmin"]).toBeUndefined();
    expect(([] as never as Record<string, unknown>)["isAdmin"]).toBeUndefined();
  });

  it("an object as the prototype of a part of an entry", () => {
    expect(() => changed(({ boards }) => ((boards["one"] as never as Any)[key] = {}))).toThrow();
  });

  it("half of a surrogate pair as a key, which SQLite would store as another key", () => {
    expect(() => changed((draft) => (draft.votes["\ud83d"] = "red"))).toThrow(PartyError);
    expect(() => changed((draft) => (draft.late = { "a\udc00": 1 }))).toThrow(PartyError);
    expect(changed((draft) => (draft.votes["😀"] = "\ud83d")).value.votes["😀"]).toBe("\ud83d");
  });
});

type Any = Record<string, Record<string, unknown>>;

describe("an entry that grows by wrapping itself", () => {
  it.each<[string, Change]>([
    ["a part", ({ boards }) => Object.assign(boards["one"]!, { by: { by: boards["one"]!.by } })],
    ["an entry", ({ boards }) => (boards["one"] = { by: boards["one"] } as never)],
    ["a key", (draft) => (draft.late = [draft.late ?? 0])],
  ])("is refused before it is too deep: %s", (_name, change) => {
    let value = sealed(BEFORE, []) as Value;
    const wrap = () => {
      for (let depth = 0; depth < 100; depth += 1)
        value = seal({ ...changed(change, value).value }, 0);
    };
    expect(wrap).toThrow(PartyError);
    expect(depthOf(value)).toBe(60);
  });
});

function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

describe("names that all objects inherit", () => {
  it("are methods of the draft, at every level", () => {
    const seen: unknown[] = [];
    changed((draft) => {
      const {
        boards,
        boards: { one },
      } = draft;
      for (const [object, name] of [
        [draft, "boards"],
        [boards, "one"],
        [one!, "by"],
      ] as const) {
        // oxlint-disable-next-line no-prototype-builtins -- apps write it
        seen.push(object.hasOwnProperty(name), object.hasOwnProperty("missing"));
        seen.push(object.propertyIsEnumerable(name), String(object), object.constructor === Object);
      }
    });
    const each = [true, false, true, "[object Object]"];
    expect(seen).toEqual([...each, false, ...each, false, ...each, true]);
  });

  it.each(["constructor", "toString", "valueOf", "hasOwnProperty"])(
    "lead to no change of all objects: %s",
    (name) => {
      const places: ((draft: Value) => unknown)[] = [(draft) => draft, ({ boards }) => boards];
      for (const place of places) {
        try {
          changed((draft) => {
            const inherited = Reflect.get(place(draft) as object, name) as Record<string, unknown>;
            inherited["attacked"] = true;
          });
        } catch {
          // An error is as good.
        }
        const inherited = Reflect.get(Object.prototype, name) as object;
        expect(Reflect.get(inherited, "attacked")).toBeUndefined();
      }
    },
  );
});
