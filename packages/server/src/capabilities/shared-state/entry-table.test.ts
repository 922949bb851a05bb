import { defineContract, type } from "@partyflare/shared";
import { describe, expect, it } from "vitest";
import { FakeHost, withStorage } from "../../../test/fake-host";
import { sharedState, type SharedStateOptions } from "./shared-state";

interface Value {
  phase: string;
  votes: Record<string, unknown>;
  tasks: { id: string; text?: string }[];
  more?: unknown;
}

const contract = defineContract({ shared: type<Value>() });
type Options = Partial<SharedStateOptions<typeof contract>>;

const initial: Value = { phase: "open", votes: {}, tasks: [] };

function open(storage: DurableObjectStorage, options: Options = {}) {
  return FakeHost.with(sharedState<typeof contract>({ initial, ...options }), {
    contract,
    storage,
  });
}

/** Counts the rows that statements read and write from now on. */
function watch({ sql }: DurableObjectStorage) {
  const exec: typeof sql.exec = sql.exec.bind(sql);
  const cursors: SqlStorageCursor<Record<string, SqlStorageValue>>[] = [];
  Object.defineProperty(sql, "exec", {
    configurable: true,
    value: (...query: Parameters<typeof sql.exec>) => {
      const cursor = exec(...query);
      cursors.push(cursor);
      return cursor;
    },
  });
  return () => {
    const all = cursors.splice(0);
    const sum = (of: (cursor: (typeof all)[number]) => number) =>
      all.reduce((total, cursor) => total + of(cursor), 0);
    return {
      read: sum(({ rowsRead }) => rowsRead),
      written: sum(({ rowsWritten }) => rowsWritten),
      statements: all.length,
    };
  };
}

const rowsIn = ({ sql }: DurableObjectStorage) =>
  sql
    .exec<{ key: string; entry: string; json: string | null }>(
      `SELECT key, entry, json FROM partyflare_shared`,
    )
    .toArray()
    .map(({ key, entry, json }) => `${key}${entry}=${json}`);

describe("the rows of the shared state", () => {
  it("are none before the first change, and then one for each key and entry", async () => {
    await withStorage((storage) => {
      const room = open(storage, { initial: { ...initial, votes: { ada: 1 } } });
      room.connect("ada");
      room.settle();
      const tables = `SELECT name FROM sqlite_master WHERE name LIKE 'partyflare_shared%'`;
      expect(storage.sql.exec(tables).toArray()).toEqual([]);
      room.api.change((draft) => void draft.tasks.push({ id: "1" }));
      expect(rowsIn(storage).toSorted()).toEqual(
        ['phase="open"', "tasks=[]", 'tasks/1={"id":"1"}', "votes={}", "votes/ada=1"].toSorted(),
      );
    });
  });

  const CHANGES: Record<string, [change: (draft: Value) => unknown, rows: number]> = {
    "a key": [(draft) => (draft.phase = "closed"), 1],
    "an entry": [({ votes }) => (votes["v5"] = "x"), 1],
    "a new entry": [({ votes }) => (votes["new"] = "x"), 1],
    "a deleted entry": [({ votes }) => delete votes["v5"], 1],
    "an item": [({ tasks }) => (tasks[5]!.text = "x"), 1],
    "a new item": [({ tasks }) => tasks.unshift({ id: "new" }), 1],
    "a deleted item": [({ tasks }) => tasks.splice(5, 1), 1],
    "a moved item": [({ tasks }) => tasks.unshift(tasks.pop()!), 1],
    "two entries": [({ votes }) => Object.assign(votes, { v1: 2, v2: 1 }), 2],
    nothing: [({ votes }) => (votes["v1"] = 1), 0],
  };

  it.each(Object.keys(CHANGES))("are written one for each change: %s", async (title) => {
    const [change, rows] = CHANGES[title]!;
    await withStorage((storage) => {
      const room = open(storage);
      const count = 200;
      room.api.change((draft) => {
        for (let index = 0; index < count; index += 1) {
          draft.votes[`v${index}`] = index;
          draft.tasks.push({ id: `t${index}` });
        }
      });
      room.settle();
      const used = watch(storage);
      room.api.change((draft) => void change(draft));
      const { read, written } = used();
      expect(written).toBe(rows);
      expect(read).toBeLessThan(10);
    });
  });

  it("are all read by a wake, and by a rollback of a change, but not by a rollback of other writes", async () => {
    await withStorage((storage) => {
      const room = open(storage);
      room.api.change(({ votes }) => {
        for (let index = 0; index < 1_000; index += 1) votes[`v${index}`] = index;
      });
      room.pass(100);
      const used = watch(storage);
      room.sleep();
      expect(used().read).toBeLessThan(1_020);
      room.settle();
      const failing = (run: () => void) => () =>
        room.transaction(() => {
          run();
          throw new RangeError("refused");
        });
      used();
      for (let count = 0; count < 10; count += 1) expect(failing(() => {})).toThrow("refused");
      expect(room.api.value.votes["v1"]).toBe(1);
      expect(used().read).toBeLessThan(50);
      expect(failing(() => room.api.change(({ votes }) => void (votes["v1"] = 2)))).toThrow(
        "refused",
      );
      expect(room.api.value.votes["v1"]).toBe(1);
    });
  });

  it("keep deletions up to a number, and then up to an age", async () => {
    await withStorage((storage) => {
      const room = open(storage, { keepTombstones: 2, keepTombstonesMs: 1_000 });
      const gone = () => rowsIn(storage).filter((row) => row.endsWith("=null"));
      room.api.change(({ votes }) => void Object.assign(votes, { a: 1, b: 1, c: 1, d: 1 }));
      for (const name of ["a", "b", "c"]) room.api.change(({ votes }) => delete votes[name]);
      expect(gone()).toEqual(["votes/b=null", "votes/c=null"]);
      room.api.change(({ votes }) => void (votes["b"] = 2));
      expect(gone()).toEqual(["votes/c=null"]);
      room.pass(1_001);
      room.api.change(({ votes }) => delete votes["d"]);
      expect(gone()).toEqual(["votes/d=null"]);
      room.crash();
      expect(room.api.value.votes).toEqual({ b: 2 });
      expect(room.api.version).toBe(6);
    });
  });

  it("keep the last version without any deletions kept", async () => {
    await withStorage((storage) => {
      const room = open(storage, { keepTombstones: 0 });
      room.api.change(({ votes }) => void Object.assign(votes, { a: 1, b: 1 }));
      for (let version = 2; version < 20; version += 1) {
        room.api.change(({ votes }) => {
          if (version % 2) votes["a"] = version;
          else delete votes["a"];
        });
        room.crash();
        expect(room.api.version).toBe(version);
      }
    });
  });

  it("keep the deletions of an entry and of its key apart", async () => {
    await withStorage((storage) => {
      const room = open(storage);
      room.api.change((draft) => void (draft.more = { "": 1, "/": 2, a: 3 }));
      room.crash();
      expect(room.api.value.more).toEqual({ "": 1, "/": 2, a: 3 });
      room.api.change(({ more }) => delete (more as Record<string, unknown>)[""]);
      room.crash();
      expect(room.api.value.more).toEqual({ "/": 2, a: 3 });
      room.api.change((draft) => delete draft.more);
      room.crash();
      expect(room.api.value).toEqual(initial);
      room.api.change((draft) => void (draft.more = { a: 1 }));
      room.crash();
      expect(room.api.value.more).toEqual({ a: 1 });
    });
  });

  it("hold any text, as a name and as a value", async () => {
    const odd = [
      "",
      " ",
      "é",
      "😀",
      "\u0000",
      "a\u0000b",
      "'",
      '"',
      "\\",
      "%",
      "\n",
      "\ufeff",
      "1",
      "toString",
    ];
    await withStorage((storage) => {
      const room = open(storage);
      const votes = Object.fromEntries(odd.map((text) => [text, text]));
      const tasks = odd.filter(Boolean).map((id) => ({ id, text: `${id}\ud800` }));
      room.api.change((draft) => Object.assign(draft, { votes, tasks, more: odd }, votes));
      const { value } = room.api;
      expect(value).toEqual({ phase: "open", votes, tasks, more: odd, ...votes });
      room.crash();
      expect(room.api.value).toEqual(value);
    });
  });
});
