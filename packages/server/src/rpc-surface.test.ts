import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { scripts, ScriptedRoom } from "../test/parties";
import { describeRooms } from "../test/rooms";
import { Party } from "./index";

/** What a stub may do with each name of a party. A new name has to be put on a list. */
const SURFACE = {
  /** It may be called. */
  callable: ["emit", "broadcast", "fetch"],
  /** It may be read. */
  readable: ["room"],
  /** The platform calls it, and refuses it to stubs. */
  platform: ["alarm", "webSocketMessage", "webSocketClose", "webSocketError"],
  /** A stub has its own. */
  stub: ["constructor"],
  /** Party refuses it to stubs. */
  refused: [
    "authorize",
    "getConnection",
    "getConnectionTags",
    "getConnections",
    "handle",
    "onAlarm",
    "onClose",
    "onConnect",
    "onError",
    "onInvalid",
    "onMessage",
    "onRequest",
    "onStart",
    "transactionSync",
    "use",
  ],
};

/** A stub as an attacker in another Worker has it: without types. */
type Stub = Record<string, (...args: unknown[]) => Promise<unknown>>;

function roomOf(namespace: unknown) {
  const name = `room-${crypto.randomUUID()}`;
  const stub = Party.withRoom(namespace as typeof env.HIBERNATING, name);
  return { name, stub, untyped: stub as unknown as Stub };
}

describe("over RPC", () => {
  it("each name of a party is on one of the lists", () => {
    expect(Object.values(SURFACE).flat().toSorted()).toEqual(
      Object.getOwnPropertyNames(Party.prototype).toSorted(),
    );
    expect(Object.getOwnPropertySymbols(Party.prototype)).toEqual([]);
  });

  describe.each([
    ["a party with no hooks", env.BARE],
    ["a party that overrides its hooks", env.HIBERNATING],
    ["a party of a contract", env.HIBERNATING_TYPED],
  ])("%s", (_title, namespace) => {
    it.each(SURFACE.refused)("refuses %s", async (name) => {
      const { untyped } = roomOf(namespace);
      // Within functions: what `expect` reads of the platform's own promises would be more calls.
      const refusal = `does not implement the method "${name}"`;
      await expect(async () => untyped[name]?.({})).rejects.toThrow(refusal);
      await expect(async () => untyped[name]).rejects.toThrow(refusal);
    });

    it.each(SURFACE.platform)("refuses %s", async (name) => {
      const call = async () => roomOf(namespace).untyped[name]?.({});
      await expect(call).rejects.toThrow("reserved method");
    });

    it("lets its name be read", async () => {
      const { name, untyped } = roomOf(namespace);
      await expect(untyped.room).resolves.toBe(name);
    });
  });

  it("broadcast, fetch and the user's own methods can be called", async () => {
    const { name, stub, untyped } = roomOf(env.HIBERNATING);
    scripts.set(name, { onRequest: () => new Response("fetched") });
    await untyped.broadcast?.("hello");
    expect(await stub.ping()).toBe(`pong from ${name}, set`);
    expect(await (await stub.fetch("https://example.com")).text()).toBe("fetched");
  });

  it("emit can be called", async () => {
    const { untyped } = roomOf(env.HIBERNATING_TYPED);
    await untyped.emit?.("said", { by: "ada", text: "hello" });
  });
});

describeRooms("a hook that RPC may not call", (open) => {
  it("is called by the platform's events and by super, as ever", async () => {
    const { log, ...room } = open({
      onConnect: (_party, connection) => connection.send("welcome"),
      onMessage: (_party, connection, message) => {
        connection.send(message);
        throw new Error("reported");
      },
      onClose: (_party, _connection, code) => void log.push(`closed ${code}`),
      onAlarm: () => void log.push("alarm"),
    });
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    const socket = await room.connect();
    expect(await socket.next()).toBe("welcome");
    await socket.send("hello");
    expect(await socket.next()).toBe("hello");
    await vi.waitFor(
      () => expect(String(logged.mock.calls)).toContain("onMessage: Error: reported"),
      { timeout: 60_000 },
    );
    logged.mockRestore();
    await socket.close(4000);
    await vi.waitFor(() => expect(log).toContain("closed 4000"), 60_000);
  });

  it("may be assigned, and is spied on like any other method", async () => {
    const room = open({});
    await runInDurableObject(room.stub, async (party) => {
      const spy = vi.spyOn(party, "onRequest").mockReturnValue(new Response("spied"));
      expect(await (await party.fetch(new Request("https://example.com"))).text()).toBe("spied");
      spy.mockRestore();
      party.onRequest = () => new Response("assigned");
      expect(await (await party.fetch(new Request("https://example.com"))).text()).toBe("assigned");
    });
  });

  it("does not show among the party's own keys", async () => {
    await runInDurableObject(open({}).stub, (party) => {
      expect(Object.keys(party)).not.toContain("onMessage");
      expect(party).toBeInstanceOf(ScriptedRoom);
    });
  });
});
