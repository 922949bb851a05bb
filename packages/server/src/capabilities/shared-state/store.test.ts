import { defineContract, type } from "@partyflare/shared";
import { describe, expect, it } from "vitest";
import { type FakeConnection, FakeHost, withStorage } from "../../../test/fake-host";
import { SharedViewer } from "../../../test/shared-viewer";
import { sharedState, type SharedStateOptions } from "./shared-state";

interface Value {
  phase: string;
  votes: Record<string, unknown>;
}

const contract = defineContract({ shared: type<Value>() });
const initial: Value = { phase: "open", votes: {} };

function open(
  storage: DurableObjectStorage,
  options: Partial<SharedStateOptions<typeof contract>> = {},
) {
  return FakeHost.with(sharedState<typeof contract>({ initial, ...options }), {
    contract,
    storage,
  });
}

type Room = ReturnType<typeof open>;

const vote = (room: Room, name: string, choice: unknown = 1) =>
  room.api.change(({ votes }) => void (votes[name] = choice));

function viewerOf(connection: FakeConnection): SharedViewer {
  const viewer = new SharedViewer();
  viewer.hello(connection.hello);
  for (const payload of connection.take()) viewer.take(payload);
  return viewer;
}

const rolledBack = (run: () => void) => () => {
  run();
  throw new RangeError("rolled back");
};

describe("a rollback", () => {
  it("of a transaction right after a wake does not hide an earlier change from clients", async () => {
    await withStorage((storage) => {
      const room = open(storage);
      vote(room, "a");
      const ada = room.connect("ada");
      room.pass(100);
      room.sleep();
      vote(room, "b");
      expect(() => room.transaction(rolledBack(() => vote(room, "c")))).toThrow("rolled back");
      expect(room.api.value.votes).toEqual({ a: 1, b: 1 });
      room.pass(100);
      expect(viewerOf(ada).value).toEqual({ phase: "open", votes: { a: 1, b: 1 } });
    });
  });

  it("and then a wipe, without a look between them, is noticed", async () => {
    await withStorage(async (storage) => {
      const room = open(storage);
      vote(room, "a");
      const ada = room.connect("ada");
      room.pass(100);
      expect(() => room.transaction(rolledBack(() => vote(room, "c")))).toThrow("rolled back");
      await storage.deleteAll();
      expect(room.api.value).toEqual(initial);
      room.pass(100);
      expect(viewerOf(ada).value).toEqual(initial);
    });
  });

  it.each([true, false])(
    "of the first change leaves nothing behind, persist: %s",
    async (persist) => {
      await withStorage((storage) => {
        const room = open(storage, { persist });
        const ada = room.connect("ada");
        room.pass(100);
        expect(() => room.transaction(rolledBack(() => vote(room, "a")))).toThrow("rolled back");
        room.pass(100);
        expect(ada.take()).toEqual([]);
        expect([room.api.version, room.api.value]).toEqual([0, initial]);
        vote(room, "b");
        room.crash();
        expect(room.api.value.votes).toEqual(persist ? { b: 1 } : {});
      });
    },
  );

  it("leaves clients' positions as they were, however often", async () => {
    await withStorage((storage) => {
      const room = open(storage);
      vote(room, "a");
      room.pass(100);
      const position = viewerOf(room.connect("ada")).position;
      for (let count = 0; count < 50; count += 1) {
        expect(() => room.transaction(rolledBack(() => vote(room, "x", count)))).toThrow();
        vote(room, "b", count);
      }
      const back = room.connect("bob", { asked: position });
      expect(back.hello).toMatchObject({ version: 51, set: [["votes", "b", 49]] });
      expect(back.hello).not.toHaveProperty("reset");
    });
  });

  it("by the platform is noticed before anything is sent, and by what was sent before", async () => {
    await withStorage((storage) => {
      const room = open(storage);
      const ada = room.connect("ada");
      const failing = (run: () => void) => () => storage.transactionSync(rolledBack(run));
      expect(failing(() => vote(room, "first"))).toThrow("rolled back");
      room.pass(100);
      expect(JSON.stringify(ada.sent)).not.toContain("first");
      expect([room.api.version, room.api.value]).toEqual([0, initial]);
      vote(room, "a");
      room.pass(100);
      expect(failing(() => vote(room, "b"))).toThrow("rolled back");
      room.pass(100);
      expect(JSON.stringify(ada.sent)).not.toContain('"b"');
      vote(room, "c");
      room.pass(100);
      const expected = { phase: "open", votes: { a: 1, c: 1 } };
      expect(viewerOf(ada).value).toEqual(expected);
      room.crash();
      expect(room.api.value).toEqual(expected);
    });
  });
});

describe("a wipe", () => {
  it("is noticed by a wake, if nobody has looked before the room slept", async () => {
    await withStorage(async (storage) => {
      const room = open(storage);
      vote(room, "a");
      const ada = room.connect("ada");
      room.pass(100);
      await storage.deleteAll();
      room.sleep();
      room.pass(100);
      expect(viewerOf(ada).value).toEqual(initial);
    });
  });

  it("makes the positions of before unknown, also at the same version", async () => {
    await withStorage(async (storage) => {
      const room = open(storage);
      vote(room, "a");
      const { position } = viewerOf(room.connect("ada"));
      await storage.deleteAll();
      vote(room, "b");
      expect(room.api.version).toBe(1);
      expect(room.connect("bob", { asked: position }).hello).toMatchObject({ reset: true });
    });
  });
});

describe("the value", () => {
  it("is deeply frozen, and the same object until it changes", async () => {
    await withStorage((storage) => {
      const room = open(storage);
      vote(room, "a", { by: ["ada"] });
      const { value } = room.api;
      const frozen = (each: unknown): boolean =>
        typeof each !== "object" ||
        each === null ||
        (Object.isFrozen(each) && Object.values(each).every(frozen));
      expect(frozen(value)).toBe(true);
      expect(room.api.value).toBe(value);
      vote(room, "a", { by: ["ada"] });
      expect(room.api.value).toBe(value);
      room.api.change((draft) => void (draft.phase = "closed"));
      expect(room.api.value).not.toBe(value);
      expect(room.api.value.votes).toBe(value.votes);
    });
  });

  it("is kept as it is by the caller's later changes of what it has passed", async () => {
    await withStorage((storage) => {
      const room = open(storage);
      const passed = { by: ["ada"] };
      vote(room, "a", passed);
      passed.by.push("eve");
      expect(room.api.value.votes["a"]).toEqual({ by: ["ada"] });
    });
  });
});

describe("a room with 10,000 entries and 1,000 clients", () => {
  it("finds one change once, for all of them, and reads no row for any", async () => {
    await withStorage((storage) => {
      const room = open(storage);
      room.api.change(({ votes }) => {
        for (let index = 0; index < 10_000; index += 1) votes[`v${index}`] = index;
      });
      room.pass(100);
      const { position } = viewerOf(room.connect("first"));
      const clients = Array.from({ length: 1_000 }, (_, index) =>
        room.connect(`c${index}`, { asked: position }),
      );
      room.pass(100);
      const { exec } = storage.sql;
      let statements = 0;
      Object.defineProperty(storage.sql, "exec", {
        configurable: true,
        value(...query: Parameters<typeof exec>) {
          statements += 1;
          return exec.apply(storage.sql, query);
        },
      });
      vote(room, "v7", "x");
      room.pass(100);
      Reflect.deleteProperty(storage.sql, "exec");
      expect(statements).toBeLessThan(15);
      for (const client of clients) {
        expect(client.take()).toEqual([
          { version: 2, run: expect.any(String), set: [["votes", "v7", "x"]] },
        ]);
      }
    });
  });
});

describe("a deletion that is forgotten before it was sent", () => {
  it("still reaches the clients, which get the whole value", async () => {
    await withStorage((storage) => {
      const initial = { phase: "open", votes: { a: 1, b: 1, c: 1 } };
      const room = open(storage, { initial, keepTombstones: 1 });
      const ada = room.connect("ada");
      const remove = (...names: string[]) =>
        room.api.change(({ votes }) => {
          for (const name of names) delete votes[name];
        });
      remove("a", "b");
      remove("c");
      room.pass(100);
      expect(viewerOf(ada).value).toEqual({ phase: "open", votes: {} });
    });
  });
});
