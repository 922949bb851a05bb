import { type Contract, defineContract, type } from "@partyflare/shared";
import type { Operation, WireHistory, WireOnce } from "@partyflare/shared/internal";
import { describe, expect, it } from "vitest";
import { type FakeConnection, FakeHost, withStorage } from "../../test/fake-host";
import type { IncomingCall } from "./capability";
import { history, type HistoryOptions } from "./history/history";
import { onceCalls } from "./once/once-calls";

const contract = defineContract({
  fromServer: { said: type<string>() },
  calls: { post: { input: type<string>(), output: type<string>(), once: true } },
});

describe("the history, without a room", () => {
  const open = (storage: DurableObjectStorage, options: Partial<HistoryOptions<"said">> = {}) =>
    FakeHost.with(history<typeof contract, "said">({ events: ["said"], ...options }), {
      contract,
      storage,
    });

  type HistoryHost = ReturnType<typeof open>;

  function emit(room: HistoryHost, text: string, clients?: string[]) {
    const frame = JSON.stringify(["said", text]);
    const audience = clients ? { clients } : {};
    const delivery = room.capability.onEmit?.({ name: "said", frame, audience });
    return { frame: delivery?.frame, to: [...(delivery?.to ?? [])].map(({ id }) => id) };
  }

  const positionOf = ({ hello }: FakeConnection) => {
    const { epoch, offset, tag } = hello as WireHistory;
    return `${epoch}.${offset}.${tag}`;
  };

  it("stamps an event, and gives it to all that it is for, subscribed or not", () =>
    withStorage((storage) => {
      const room = open(storage);
      room.connect("ada");
      room.connect("quiet", { asked: undefined });
      room.connect("raw", { isFramed: false });
      const first = emit(room, "one");
      expect(first.to).toEqual(["ada", "quiet", "raw"]);
      expect(JSON.parse(first.frame ?? "")).toEqual(["said", "one", 1, expect.any(String)]);
      expect(emit(room, "two", ["ada"]).to).toEqual(["ada"]);
      expect([room.api.head, room.api.read().map(({ data }) => data)]).toEqual([2, ["one", "two"]]);
    }));

  it("replays what a client has missed, through sleep and a crash", () =>
    withStorage((storage) => {
      const room = open(storage);
      const ada = room.connect("ada");
      const position = positionOf(ada);
      room.leave(ada);
      emit(room, "one");
      room.pass(1_000);
      room.sleep();
      emit(room, "two", ["bob"]);
      emit(room, "three");
      room.pass(1_000);
      room.crash();
      const back = room.connect("ada", { asked: position });
      expect(back.hello).toMatchObject({ offset: 0, recovered: true });
      const missed = back.transmitted.flatMap((text) => text.split("\n"));
      expect(missed.map((text) => (JSON.parse(text) as unknown[])[1])).toEqual(["one", "three"]);
    }));

  it("tells subscribers of a wipe, once, and nobody else", () =>
    withStorage(async (storage) => {
      const room = open(storage);
      const ada = room.connect("ada");
      const quiet = room.connect("quiet", { asked: undefined });
      emit(room, "one");
      await storage.deleteAll();
      emit(room, "two");
      emit(room, "three");
      expect(ada.take()).toEqual([
        { epoch: expect.any(String), offset: 0, tag: expect.any(String), recovered: false },
      ]);
      expect([quiet.take(), room.api.head]).toEqual([[], 2]);
    }));

  it("forgets an event that is rolled back, and gives its offset to the next", () =>
    withStorage((storage) => {
      const room = open(storage);
      const failing = () =>
        room.transaction(() => {
          emit(room, "never");
          throw new Error("rolled back");
        });
      expect(failing).toThrow("rolled back");
      emit(room, "one");
      expect(room.api.read().map(({ data, offset }) => [data, offset])).toEqual([["one", 1]]);
    }));

  it("has events that are too old no longer, by the host's clock", () =>
    withStorage((storage) => {
      const room = open(storage, { keepMs: 1_000, onJoin: 10 });
      emit(room, "one");
      room.pass(600);
      emit(room, "two");
      room.pass(600);
      expect(room.connect("ada").hello).toMatchObject({ offset: 1 });
      expect(room.api.read().map(({ data }) => data)).toEqual(["two"]);
    }));
});

describe("calls that happen once, without a room", () => {
  const open = (storage: DurableObjectStorage) => {
    const feature = onceCalls(contract);
    if (!feature) throw new Error("The contract has such calls.");
    return FakeHost.with<Contract, void>(feature, { contract, storage });
  };

  type OnceHost = ReturnType<typeof open>;

  /** A connection of a client with a key: others cannot repeat a call. */
  function joinWithKey(room: OnceHost, id: string): FakeConnection {
    const connection = room.connect(id);
    Object.assign(connection, { keyHash: "hash" });
    return connection;
  }

  function call(connection: FakeConnection, input: string, number: number, repeat = false) {
    const { since } = connection.hello as WireOnce;
    const operation: Operation = { page: "page", number, oldest: 1, since, repeat };
    return { connection: connection.real, name: "post", input, isOnce: true, operation };
  }

  function answer(room: OnceHost, incoming: IncomingCall, run: () => string): unknown {
    const { capability } = room;
    const handler = () => ({ kind: "reply", output: run() });
    return capability.outcomeOf?.(incoming) ?? capability.aroundCall?.(incoming, handler);
  }

  it("run once, and repeats are answered with the first result, after sleep too", () =>
    withStorage((storage) => {
      const room = open(storage);
      const ada = joinWithKey(room, "ada");
      expect(ada.hello).toEqual({ calls: ["post"], since: expect.any(String) });
      const runs: string[] = [];
      const run = (text: string) => () => {
        runs.push(text);
        return text;
      };
      expect(answer(room, call(ada, "x", 1), run("a"))).toEqual({ kind: "reply", output: "a" });
      room.sleep();
      expect(answer(room, call(ada, "x", 1, true), run("b"))).toEqual({
        kind: "reply",
        output: "a",
      });
      expect(answer(room, call(ada, "y", 1, true), run("c"))).toMatchObject({ kind: "fail" });
      expect(runs).toEqual(["a"]);
    }));

  it("that fail have not run, and may be tried again", () =>
    withStorage((storage) => {
      const room = open(storage);
      const ada = joinWithKey(room, "ada");
      const failing = () =>
        answer(room, call(ada, "x", 1), () => {
          storage.kv.put("work", "done");
          throw new Error("not now");
        });
      expect(failing).toThrow("not now");
      expect(storage.kv.get("work")).toBeUndefined();
      expect(answer(room, call(ada, "x", 1, true), () => "b")).toEqual({
        kind: "reply",
        output: "b",
      });
    }));

  it("tell subscribers the new epoch after a wipe", () =>
    withStorage(async (storage) => {
      const room = open(storage);
      const ada = joinWithKey(room, "ada");
      const quiet = room.connect("quiet", { asked: undefined });
      answer(room, call(ada, "x", 1), () => "a");
      await storage.deleteAll();
      answer(room, call(ada, "x", 2), () => "b");
      expect(ada.take()).toEqual([{ calls: ["post"], since: expect.any(String) }]);
      expect(quiet.take()).toEqual([]);
    }));
});
