import { defineContract, type } from "@partyflare/shared";
import { describe, expect, it } from "vitest";
import type { FakeClient } from "../../../test/fake-connection";
import { type FakeConnection, FakeHost, withStorage } from "../../../test/fake-host";
import { SharedViewer } from "../../../test/shared-viewer";
import { type SharedState, sharedState, type SharedStateOptions } from "./shared-state";

interface Value {
  phase: string;
  hands: Record<string, string>;
}

const contract = defineContract({ shared: type<Value>(), state: type<string>() });
const initial: Value = { phase: "open", hands: {} };

type Options = Partial<SharedStateOptions<typeof contract>>;

/** Each client sees the hands of its user; those with the tag `host` see all. */
const view: NonNullable<Options["view"]> = (value, { state, tags }) => ({
  ...value,
  hands: Object.fromEntries(
    Object.entries(value.hands).filter(([name]) => tags.includes("host") || name.startsWith(state)),
  ),
});

/** In memory: what is stored does not matter here. */
function withRoom(options: Options, test: (room: Room) => void): Promise<void> {
  return withStorage((storage) => {
    const feature = sharedState<typeof contract>({ initial, persist: false, view, ...options });
    test(FakeHost.with(feature, { contract, storage }));
  });
}

type Room = FakeHost<typeof contract, SharedState<typeof contract>>;

const deal = (room: Room, name: string, card: string) =>
  room.api.change(({ hands }) => void (hands[name] = card));

/** What a client has, and whether it was sent a text since the last time. */
class Seat {
  readonly viewer = new SharedViewer();
  readonly connection: FakeConnection;

  constructor(room: Room, id: string, client: FakeClient) {
    this.connection = room.connect(id, client);
    this.viewer.hello(this.connection.hello);
  }

  get hands(): unknown {
    for (const payload of this.connection.take()) this.viewer.take(payload);
    return (this.viewer.value as unknown as Value).hands;
  }

  get texts(): string {
    return JSON.stringify([this.connection.hello, this.connection.sent]);
  }
}

describe("a view", () => {
  it("shows each client what it may see, and never sends it anything else", () =>
    withRoom({}, (room) => {
      deal(room, "ada1", "<A1>");
      const ada = new Seat(room, "ada", { state: "ada" });
      const bob = new Seat(room, "bob", { state: "bob" });
      deal(room, "bob1", "<B1>");
      deal(room, "ada2", "<A2>");
      room.pass(100);
      expect([ada.hands, bob.hands]).toEqual([{ ada1: "<A1>", ada2: "<A2>" }, { bob1: "<B1>" }]);
      room.api.change(({ hands }) => delete hands["ada1"]);
      room.pass(100);
      expect([ada.hands, bob.hands]).toEqual([{ ada2: "<A2>" }, { bob1: "<B1>" }]);
      expect(ada.texts).not.toContain("<B");
      expect(bob.texts).not.toContain("<A");
      // Not even that something has changed.
      expect(bob.connection.sent).toHaveLength(1);
    }));

  it("changes at once with the state or the tags", () =>
    withRoom({}, (room) => {
      deal(room, "ada1", "<A1>");
      deal(room, "bob1", "<B1>");
      const ada = new Seat(room, "ada", { state: "ada" });
      ada.connection.setTags(["host"]);
      room.pass(100);
      expect(ada.hands).toEqual({ ada1: "<A1>", bob1: "<B1>" });
      ada.connection.setTags([]);
      deal(room, "bob1", "<B2>");
      room.pass(100);
      expect(ada.hands).toEqual({ ada1: "<A1>" });
      ada.connection.setState("bob");
      room.pass(100);
      expect(ada.hands).toEqual({ bob1: "<B2>" });
      ada.connection.setState("nobody");
      room.settle();
      room.pass(100);
      expect(ada.hands).toEqual({});
    }));

  it("is not sent on in the rest of a large snapshot to a client that may no longer see it", () =>
    withRoom({}, (room) => {
      for (let index = 0; index < 8; index += 1) {
        deal(room, `bob${index}`, `<B${index}>`.padEnd(100_000, "x"));
      }
      deal(room, "ada1", "<A1>");
      const ada = new Seat(room, "ada", { state: "ada", tags: ["host"] });
      room.pass(6);
      expect(ada.texts).toContain("<B3>");
      expect(ada.texts).not.toContain("<B7>");
      ada.connection.setTags([]);
      room.pass(1_000);
      expect(ada.hands).toEqual({ ada1: "<A1>" });
      expect(ada.texts).not.toContain("<B7>");
      ada.connection.setTags(["host"]);
      room.pass(1_000);
      expect(Object.keys(ada.hands as object)).toHaveLength(9);
    }));

  it("is made once for each group, and only when the value has changed", () => {
    let calls = 0;
    const counting: Options = {
      view(value, connection) {
        calls += 1;
        return view(value, connection);
      },
      viewOf: ({ state }) => state,
    };
    return withRoom(counting, (room) => {
      const seats = Array.from({ length: 1_000 }, (_, index) =>
        room.connect(`c${index}`, { state: `team${index % 10}` }),
      );
      room.pass(100);
      expect(calls).toBe(10);
      calls = 0;
      deal(room, "team3", "<T3>");
      room.pass(100);
      expect(calls).toBe(10);
      room.pass(1_000);
      room.leave(seats[0]!);
      seats[1]!.setState("team2");
      room.pass(100);
      expect(calls).toBe(10);
      const told = seats.filter(({ sent }) => sent.length > 0);
      expect(told).toHaveLength(100);
      expect(new Set(told.map(({ sent }) => JSON.stringify(sent))).size).toBe(1);
    });
  });

  it("that fails closes its connection alone, and the party gets the error", () => {
    let isBroken = false;
    const failing: Options = {
      view(value, connection) {
        if (isBroken && connection.state === "bob") throw new RangeError("of the app");
        return view(value, connection);
      },
    };
    return withRoom(failing, (room) => {
      const ada = new Seat(room, "ada", { state: "ada" });
      const bob = new Seat(room, "bob", { state: "bob" });
      isBroken = true;
      deal(room, "ada1", "<A1>");
      room.pass(100);
      expect([ada.connection.closeCode, bob.connection.closeCode]).toEqual([undefined, 1011]);
      expect(ada.hands).toEqual({ ada1: "<A1>" });
      expect(bob.connection.sent).toEqual([]);
      expect(room.errors.map(({ error, connection }) => [String(error), connection?.id])).toEqual([
        ["RangeError: of the app", "bob"],
      ]);
      expect(() => room.connect("bob", { state: "bob" })).toThrow("of the app");
    });
  });

  it("of a group that has left is forgotten", () => {
    let calls = 0;
    const counting: Options = { view: (value) => ((calls += 1), value), viewOf: ({ id }) => id };
    return withRoom(counting, (room) => {
      const ada = room.connect("ada", { state: "ada" });
      room.pass(100);
      room.leave(ada);
      room.pass(100);
      room.connect("ada", { state: "ada" });
      expect(calls).toBe(2);
    });
  });

  it("that fails for a later subscription closes the connection, which would wait for ever", () => {
    const fail = (): never => {
      throw new RangeError("no view");
    };
    return withRoom({ view: fail }, (room) => {
      const ada = room.connect("ada", { state: "ada", asked: undefined });
      expect(() => room.subscribe(ada)).toThrow("no view");
      expect(ada.closeCode).toBe(1_011);
    });
  });

  it("that changes the state is an error, and does not run forever", () => {
    let isBroken = false;
    const changing: Options = {
      view(value, connection) {
        if (isBroken) connection.setState(`${connection.state}!`);
        return view(value, connection);
      },
    };
    return withRoom(changing, (room) => {
      const ada = new Seat(room, "ada", { state: "ada" });
      isBroken = true;
      deal(room, "ada1", "<A1>");
      room.pass(1_000);
      expect(String(room.errors[0]?.error)).toMatch(/must not change the state/);
      expect([room.errors.length, ada.connection.closeCode, room.timers]).toEqual([1, 1011, 0]);
    });
  });

  it.each<[string, Options, RegExp]>([
    ["a promise", { view: (async () => initial) as never }, /view \}\) returned a promise/],
    ["no object", { view: (() => [1]) as never }, /returns an object/],
    ["what JSON cannot hold", { view: (() => ({ at: new Date() })) as never }, /"at" is a Date/],
    ["a group that is no text", { viewOf: (() => 1) as never }, /viewOf \}\) returns a text/],
  ])("that returns %s is an error", (_title, options, error) =>
    withRoom(options, (room) => {
      expect(() => room.connect("ada", { state: "ada" })).toThrow(error);
    }),
  );
});

describe("a slow reader", () => {
  it("is spared changes, gets all of them once it reads again, and delays nobody", () =>
    withRoom({ view: undefined }, (room) => {
      const ada = new Seat(room, "ada", { state: "ada" });
      const bob = new Seat(room, "bob", { state: "bob" });
      ada.connection.isBehind = true;
      for (let index = 0; index < 20; index += 1) {
        deal(room, "a", `${index}`);
        room.pass(50);
      }
      expect(ada.connection.sent).toEqual([]);
      expect(bob.connection.sent).toHaveLength(20);
      ada.connection.isBehind = false;
      room.pass(100);
      expect(ada.connection.sent).toHaveLength(1);
      expect(ada.hands).toEqual({ a: "19" });
      expect(room.timers).toBe(0);
    }));

  it("that never reads again is sent the changes in the end, and keeps no timer", () =>
    withRoom({ view: undefined }, (room) => {
      const ada = new Seat(room, "ada", { state: "ada" });
      ada.connection.isBehind = true;
      deal(room, "a", "1");
      room.pass(10_000);
      expect(ada.hands).toEqual({ a: "1" });
      expect(room.timers).toBe(0);
    }));

  it.each([false, true])(
    "of a large snapshot is closed in the end, without timers: %s",
    (without) =>
      withRoom({ view: undefined }, (room) => {
        for (let index = 0; index < 8; index += 1) deal(room, `${index}`, "x".repeat(100_000));
        room.pass(100);
        room.isWithoutTimers = without;
        const ada = new Seat(room, "ada", { state: "ada" });
        ada.connection.isBehind = true;
        room.pass(29_000);
        if (!without) expect(ada.connection.closeCode).toBeUndefined();
        room.pass(3_000);
        expect(ada.connection.closeCode).toBe(4408);
        expect(room.timers).toBe(0);
      }),
  );
});
