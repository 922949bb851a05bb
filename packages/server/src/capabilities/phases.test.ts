import { runInDurableObject } from "cloudflare:test";
import { PartyError } from "@partyflare/shared";
import { expect, it, vi } from "vitest";
import { FramedClient } from "../../test/framed-client";
import { moveClock } from "../../test/leaving";
import { describeSeamRooms } from "../../test/rooms";
import { join, received, subscribers } from "../../test/seam-client";
import type { MakeCapability, SeamScript } from "../../test/seam-party";

const PATIENCE = { timeout: 60_000 };

/** Two capabilities and a party that note each phase. */
function noting(log: string[]): SeamScript {
  const note = (name: string) => (): ReturnType<MakeCapability> => ({
    onStart: () => void log.push(`${name} starts`),
    authorize: ({ id, readyState }) => void log.push(`${name} authorizes ${id}, ${readyState}`),
    onHello: ({ id }, asked) => void log.push(`${name} greets ${id} ${asked}`),
    afterHello: ({ id }) => void log.push(`${name} has greeted ${id}`),
    onConnect: ({ id, isOpen }) => void log.push(`${name} lists ${id}, ${isOpen}`),
    onChange: ({ id, state, tags }) =>
      void log.push(`${name} sees ${id} ${JSON.stringify([state, tags])}`),
    afterConnect: ({ id }) => void log.push(`${name} follows ${id}`),
    onDisconnect: ({ id, isOpen }) => void log.push(`${name} loses ${id}, ${isOpen}`),
    onRollback: () => void log.push(`${name} rolls back`),
    onWiped: () => void log.push(`${name} is wiped`),
  });
  return {
    first: note("first"),
    second: note("second"),
    onStart: () => void log.push("party starts"),
    onConnect: (_party, { id }) => void log.push(`party connects ${id}`),
    onClose: (_party, { id }) => void log.push(`party closes ${id}`),
    onError: () => {},
  };
}

/** What happened to the connections, without the starts of a room that sleeps in between. */
const withoutStarts = (log: readonly string[]) => log.filter((line) => !line.endsWith("starts"));

const until = (log: readonly string[], line: string, times = 1) =>
  vi.waitFor(() => expect(log.filter((each) => each === line)).toHaveLength(times), PATIENCE);

describeSeamRooms("the phases of two capabilities", (open) => {
  it("run in the order in which the party added them, around the party's own hooks", async () => {
    const log: string[] = [];
    const room = open(noting(log));
    const ada = await join(room, "ada", { second: "s", first: "f" });
    await ada.leave();
    await until(log, "party closes ada");
    expect(log.slice(0, 3)).toEqual(["first starts", "second starts", "party starts"]);
    expect(withoutStarts(log)).toEqual([
      "first authorizes ada, 0",
      "second authorizes ada, 0",
      "first greets ada f",
      "second greets ada s",
      "first has greeted ada",
      "second has greeted ada",
      "first lists ada, true",
      "second lists ada, true",
      "party connects ada",
      "first follows ada",
      "second follows ada",
      "first loses ada, false",
      "second loses ada, false",
      "party closes ada",
    ]);
  });

  it("skip the greeting of a client that has not asked", async () => {
    const log: string[] = [];
    const room = open(noting(log));
    const ada = await join(room, "ada", { second: "" });
    await received(ada);
    expect(log.filter((line) => line.includes("greet"))).toEqual([
      "second greets ada ",
      "second has greeted ada",
    ]);
    await ada.socket.sendFrame("$with", "first", "x");
    await received(ada);
    expect(
      log.slice(-20).filter((line) => line.startsWith("first") && line.includes("greet")),
    ).toEqual(["first greets ada x", "first has greeted ada"]);
  });

  it("see each change of a listed connection's state and tags, and none before", async () => {
    const log: string[] = [];
    const room = open({
      ...noting(log),
      authorize: () => "first",
      getConnectionTags(_party, connection) {
        connection.setState("second");
        return ["red"];
      },
    });
    await join(room, "ada");
    await runInDurableObject(room.stub, (party) => {
      const ada = party.getConnection("ada");
      ada?.setState("third");
      ada?.setTags(["blue"]);
    });
    expect(log.filter((line) => line.startsWith("first sees"))).toEqual([
      'first sees ada ["third",["red"]]',
      'first sees ada ["third",["blue"]]',
    ]);
    expect(log.filter((line) => line.startsWith("second sees"))).toHaveLength(2);
  });

  it("see a change in a transaction that is rolled back, and what they send tells the state after it", async () => {
    const log: string[] = [];
    let count = 0;
    const room = open({
      first: (host) => ({
        onChange: (connection) => {
          count = 1;
          log.push("sees");
          host.send(host.subscribers(), () => ({ count, state: connection.state }));
        },
        onRollback: () => {
          count = 0;
          log.push("rolls back");
        },
      }),
    });
    const ada = await join(room, "ada", { first: "" });
    const rolledBack = runInDurableObject(room.stub, (party) =>
      party.transact(() => {
        party.getConnection("ada")?.setState("new");
        throw new Error("rolled back");
      }),
    );
    await expect(rolledBack).rejects.toThrow("rolled back");
    expect(await received(ada)).toEqual([["$first", { count: 0, state: "new" }]]);
    expect(log).toEqual(["sees", "rolls back"]);
  });

  it("are all told of a wipe, once", async () => {
    const log: string[] = [];
    const room = open(noting(log));
    const ada = await join(room, "ada", { history: "" });
    await runInDurableObject(room.stub, async (party) => {
      party.emit("said", 1);
      await party.storage.deleteAll();
      log.length = 0;
      party.emit("said", 2);
      party.emit("said", 3);
      party.transact(() => party.emit("said", 4));
    });
    await received(ada);
    expect(withoutStarts(log)).toEqual(["first is wiped", "second is wiped"]);
  });
});

describeSeamRooms("a connection", (open) => {
  const counts = (log: readonly string[], id: string) => [
    log.filter((line) => line.startsWith(`first lists ${id},`)).length,
    log.filter((line) => line.startsWith(`first loses ${id},`)).length,
    log.filter((line) => line.startsWith(`second lists ${id},`)).length,
    log.filter((line) => line.startsWith(`second loses ${id},`)).length,
  ];

  it.each(["the client", "the room", "a takeover", "expiry"] as const)(
    "that ends by %s has come and gone once for each capability",
    async (end) => {
      const log: string[] = [];
      const room = open(noting(log));
      const ada = await join(room, "ada", { first: "" });
      if (end === "the client") await ada.leave();
      if (end === "a takeover") {
        const next = await FramedClient.join(room, { id: "ada", key: ada.key });
        await until(log, "party connects ada", 2);
        expect(counts(log, "ada")).toEqual([2, 1, 2, 1]);
        // A member that takes over its own id has never left in between.
        expect(log.lastIndexOf("first lists ada, true")).toBeLessThan(
          log.indexOf("first loses ada, false"),
        );
        await next.leave();
        await until(log, "party closes ada", 2);
        return expect(counts(log, "ada")).toEqual([2, 2, 2, 2]);
      }
      if (end === "the room" || end === "expiry") {
        await runInDurableObject(room.stub, (party) => {
          const connection = party.getConnection("ada");
          if (end === "the room") return connection?.close(4000);
          connection?.expireAt(Date.now() + 1_000);
        });
      }
      if (end === "expiry") {
        moveClock(2_000);
        await ada.socket.sendFrame("say", 1);
      }
      await ada.socket.closed();
      await until(log, "party closes ada");
      expect(counts(log, "ada")).toEqual([1, 1, 1, 1]);
    },
  );

  it.each(["onHello", "afterHello", "onConnect"] as const)(
    "of a client that a capability fails to admit in %s leaves no trace in any capability",
    async (phase) => {
      const log: string[] = [];
      const script = noting(log);
      let fails = true;
      const room = open({
        ...script,
        second: (host, party) => ({
          ...script.second?.(host, party),
          [phase]({ id }: { id: string }) {
            if (id === "ada" && fails) throw new Error("no");
            if (phase === "onConnect") log.push(`second lists ${id}, true`);
          },
        }),
      });
      const response = await room.upgrade("?_pk=ada&partyflare.first=&partyflare.second=", {
        headers: { "Sec-WebSocket-Protocol": "partyflare.1" },
      });
      response.webSocket?.accept();
      const lists = phase === "onConnect" ? 1 : 0;
      await vi.waitFor(
        () => expect(counts(log, "ada").slice(0, 2)).toEqual([lists, lists]),
        PATIENCE,
      );
      expect([await subscribers(room), counts(log, "ada").slice(2)]).toEqual([[], [0, 0]]);
      expect(log.filter((line) => line.startsWith("party c"))).toEqual([]);
      fails = false;
      await received(await join(room, "ada", { first: "", second: "" }));
      expect(counts(log, "ada")).toEqual([lists + 1, lists, 1, 0]);
    },
  );

  it("whose loss one capability fails to handle is lost to all others, and to the party", async () => {
    const log: string[] = [];
    const errors: unknown[] = [];
    const room = open({
      ...noting(log),
      first: () => ({
        onDisconnect() {
          throw new Error("a fault");
        },
      }),
      onError: (_party, error, context) => void errors.push([String(error), context]),
    });
    const ada = await join(room, "ada");
    await ada.leave();
    await until(log, "party closes ada");
    expect(withoutStarts(log).slice(-2)).toEqual(["second loses ada, false", "party closes ada"]);
    expect(errors).toEqual([["Error: a fault", { during: "capability", name: "first" }]]);
  });
});

describeSeamRooms("a capability that refuses a client", (open) => {
  it.each([
    ["a PartyError, for good", new PartyError("forbidden"), 4403, []],
    [
      "another error, which is reported",
      new Error("a fault"),
      1011,
      [["Error: a fault", "ada", { during: "capability", name: "second" }]],
    ],
  ])("by %s", async (_what, refusal, code, reported) => {
    const log: string[] = [];
    const errors: unknown[] = [];
    const room = open({
      ...noting(log),
      second: () => ({
        authorize() {
          throw refusal;
        },
      }),
      onError: (_party, error, { connection, ...context }) =>
        void errors.push([String(error), connection?.id, context]),
    });
    const socket = await room.connect("?_pk=ada&partyflare.first=", ["partyflare.1"]);
    expect(await socket.closed()).toMatchObject({ code });
    expect(withoutStarts(log)).toEqual(["first authorizes ada, 0"]);
    expect(errors).toEqual(reported);
  });

  it("does so after the party has given it state and tags", async () => {
    const seen: unknown[] = [];
    const room = open({
      first: () => ({ authorize: ({ state, tags }) => void seen.push(state, tags) }),
      authorize: () => ({ name: "Ada" }),
      getConnectionTags: () => ["red"],
    });
    await join(room, "ada");
    expect(seen).toEqual([{ name: "Ada" }, ["red"]]);
  });
});

describeSeamRooms("the data of a connection", (open) => {
  it("that is too large is refused, by an error that names it, and the old data stays", async () => {
    const room = open({ first: () => ({}) });
    await join(room, "ada", { first: "" });
    const texts = await runInDurableObject(room.stub, (party) => {
      const ada = party.first.connection("ada");
      ada?.data.keep("first", { a: 1 });
      const large = "x".repeat(20_000);
      const attempts = [
        () => ada?.data.keep("first", large),
        () => ada?.setState(large),
        () => ada?.setTags(Array.from({ length: 10 }, (_, tag) => `${tag}`.repeat(256))),
      ];
      return attempts.map((attempt) => {
        try {
          return String(attempt());
        } catch (error) {
          return String(error);
        }
      });
    });
    expect(texts[0]).toMatch(/^RangeError: A connection's first is 20\d{3} bytes/);
    expect(texts[1]).toMatch(/^RangeError: A connection's state is 20\d{3} bytes/);
    expect(texts[2]).toBe("undefined");
    const kept = await runInDurableObject(room.stub, (party) => {
      const ada = party.first.connection("ada");
      return [ada?.data.of("first"), ada?.state, ada?.data.isSubscribed("first")];
    });
    expect(kept).toEqual([{ a: 1 }, null, true]);
  });

  it("of a capability survives sleep, beside the state", async () => {
    const room = open();
    await join(room, "ada");
    await runInDurableObject(room.stub, (party) => {
      const ada = party.first.connection("ada");
      ada?.data.keep("first", { moved: 1 });
      ada?.setState("state");
      ada?.data.keep("second", [2]);
    });
    await room.sleep();
    const kept = await runInDurableObject(room.stub, (party) => {
      const ada = party.first.connection("ada");
      return [ada?.data.of("first"), ada?.data.of("second"), ada?.data.of("third"), ada?.state];
    });
    expect(kept).toEqual([{ moved: 1 }, [2], undefined, "state"]);
  });
});
