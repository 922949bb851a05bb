import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { eventually, openServer } from "../../test/compat-room";
import type { OverridingServer } from "../../test/compat-servers";

describe.each(["COMPAT", "COMPAT_IN_MEMORY"] as const)("a Server (%s)", (binding) => {
  it("calls the hooks with partyserver's arguments, and broadcasts without some ids", async () => {
    const closed = vi.fn();
    const room = await openServer(binding, {
      onConnect: (connection) => connection.send(`hello ${connection.id}`),
      onMessage: (from, message, server) =>
        server.broadcast(`${from.id}: ${String(message)}`, ["bob"]),
      onClose: ({ id }, code) => closed(id, code),
    }).kit();
    const [ada, bob] = [await room.joinRaw({ id: "ada" }), await room.joinRaw({ id: "bob" })];
    expect(await bob.next()).toBe("hello bob");
    bob.send("hi");
    expect([await ada.next(), await ada.next()]).toEqual(["hello ada", "bob: hi"]);
    await bob.nothing();
    await bob.close();
    await ada.waitUntil(() => closed.mock.calls.length > 0);
    expect(closed.mock.calls).toEqual([["bob", 1000]]);
    await ada.nothing();
  });

  it("calls onClose with the code of its client", async () => {
    const closed = vi.fn();
    const room = openServer(binding, { onClose: ({ id }, code) => closed(id, code) });
    const bob = await room.connect("?_pk=bob");
    await bob.close(4001, "bye");
    await eventually(() => expect(closed.mock.calls).toEqual([["bob", 4001]]));
  });

  it("answers an upgrade once onConnect has ended", async () => {
    const opened = deferred();
    const room = openServer(binding, { onConnect: () => opened.promise });
    let isAnswered = false;
    const connecting = room.connect().then((socket) => {
      isAnswered = true;
      return socket;
    });
    await room.request();
    expect(isAnswered).toBe(false);
    opened.resolve();
    expect((await connecting).isClosed).toBe(false);
  });

  it("gives a connection the members of a WebSocket", async () => {
    const room = openServer(binding, {
      onConnect(connection) {
        Object.defineProperty(connection, "state", { get: () => "redefined" });
      },
      onMessage(connection, _message, server) {
        const { id, uri, tags, readyState, server: name, state } = connection;
        const isSocket = connection instanceof WebSocket;
        const isSame = server.getConnection(id) === connection;
        const path = new URL(uri ?? "").pathname;
        connection.send(
          JSON.stringify([id, path, tags, readyState, name, state, isSocket, isSame]),
        );
      },
      getConnectionTags: () => ["guest", "ada"],
    });
    const ada = await room.connect("?_pk=ada");
    await ada.send("who");
    const path = expect.stringMatching(new RegExp(`^/parties/.*/${room.name}$`)) as string;
    const tags = ["ada", "guest"];
    expect(await ada.frame()).toEqual(["ada", path, tags, 1, room.name, "redefined", true, true]);
  });

  it("takes any text as the id of a connection, and finds connections by id and tag", async () => {
    const room = openServer(binding, {
      getConnectionTags: ({ id }) => [id.length > 3 ? "long" : "short"],
      onMessage(from, _message, server) {
        const ids = (tag?: string) => [...server.getConnections(tag)].map(({ id }) => id);
        from.send(JSON.stringify([ids("long"), ids(from.id), ids().length, ids("nobody")]));
      },
    });
    const jose = await room.connect(`?_pk=${encodeURIComponent("José Ñ")}`);
    await room.connect("?_pk=ada");
    await expect(room.connect(`?_pk=${"x".repeat(257)}`)).rejects.toThrow("400");
    await expect(room.connect(`?long=${"x".repeat(20_000)}`)).rejects.toThrow("414");
    await jose.send("who");
    expect(await jose.frame()).toEqual([["José Ñ"], ["José Ñ"], 2, []]);
  });

  it("runs onMessage while it still runs for earlier messages of the connection", async () => {
    const second = deferred();
    const room = await openServer(binding, {
      async onMessage(from, message) {
        if (message === "second") return second.resolve();
        await second.promise;
        from.send("first");
      },
    }).kit();
    const ada = await room.joinRaw();
    for (const message of ["first", "second"]) ada.send(message);
    expect(await ada.next()).toBe("first");
  });

  it("passes errors to onError and onException, and none of them to clients", async () => {
    const errors: unknown[] = [];
    const room = openServer(binding, {
      onMessage: async () => Promise.reject(new Error("of a message")),
      onRequest: () => {
        throw new Error("of a request");
      },
      onError: ({ id }, error) => void errors.push(`${id} ${String(error)}`),
      onException: (error) => void errors.push(String(error)),
    });
    const ada = await room.connect("?_pk=ada");
    await ada.send("x");
    const answer = await room.request();
    expect([answer.status, await answer.text()]).toEqual([
      500,
      expect.not.stringContaining("of a"),
    ]);
    await eventually(() => {
      expect(new Set(errors)).toEqual(new Set(["Error: of a request", "ada Error: of a message"]));
    });
    expect(ada.isClosed).toBe(false);
  });

  it("starts with the first event, and again after a start that failed", async () => {
    const onStart = vi.fn(() => {
      if (onStart.mock.calls.length === 1) throw new Error("not yet");
    });
    const room = openServer(binding, {
      onStart,
      onException: () => {},
      onRequest: () => new Response("started"),
    });
    expect((await room.request()).status).toBe(500);
    const answers = await Promise.all([room.request(), room.request()]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(onStart).toHaveBeenCalledTimes(2);
  });

  it("closes the older connection with the same id, and says so once", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const room = openServer(binding);
    const older = await room.connect("?_pk=ada");
    const newer = await room.connect("?_pk=ada");
    expect(await older.closed()).toEqual({ code: 4409, reason: "superseded" });
    expect(newer.isClosed).toBe(false);
    const reports = warn.mock.calls.flat().filter((text) => String(text).includes("sharedIds"));
    expect(reports.length).toBeLessThanOrEqual(1);
    warn.mockRestore();
  });
});

it("keeps both connections of an id with sharedIds, and messages in order without concurrency", async () => {
  const order: string[] = [];
  const room = await openServer("COMPAT_STRICT", {
    async onMessage(from, message, server) {
      order.push(`begin ${String(message)}`);
      await server.storage.get("anything");
      await Promise.resolve();
      order.push(`end ${String(message)}`);
      from.send(String([...server.getConnections("ada")].length));
    },
  }).kit();
  const [older, newer] = [await room.joinRaw({ id: "ada" }), await room.joinRaw({ id: "ada" })];
  for (const message of ["1", "2"]) newer.send(message);
  expect([await newer.next(), await newer.next()]).toEqual(["2", "2"]);
  expect(order).toEqual(["begin 1", "end 1", "begin 2", "end 2"]);
  await older.nothing();
  await room.run((server) => server.broadcast("all"));
  expect([await older.next(), await newer.next()]).toEqual(["all", "all"]);
  await newer.close();
  await room.run((server) => server.getConnection("ada")?.send("you"));
  expect(await older.next()).toBe("you");
});

it("answers a close although the start has failed, and runs onClose after the next start", async () => {
  let fails = false;
  const closed = vi.fn();
  const room = openServer("COMPAT", {
    onStart() {
      if (fails) throw new Error("not yet");
    },
    onClose: ({ id }, code) => closed(id, code),
    onException: () => {},
  });
  const ada = await room.connect("?_pk=ada");
  await room.sleep();
  fails = true;
  await ada.close(4001, "bye");
  expect(await ada.closed()).toEqual({ code: 4001, reason: "bye" });
  expect(closed).not.toHaveBeenCalled();
  fails = false;
  await room.request();
  await eventually(() => expect(closed.mock.calls).toEqual([["ada", 4001]]));
});

it("keeps the name of setName() although a request has another one in its header", async () => {
  const stub = env.COMPAT.get(env.COMPAT.newUniqueId());
  await stub.setName("own");
  await evictDurableObject(stub);
  const headers = { "X-PartyKit-Room": "forged" };
  await (await stub.fetch("https://example.com", { headers })).text();
  expect(await runInDurableObject(stub, ({ name }) => name)).toBe("own");
});

it("broadcasts to all with null for the ids to leave out", async () => {
  const room = await openServer("COMPAT", {
    onMessage: (_from, message, server) => server.broadcast(message, null as never),
  }).kit();
  const [ada, bob] = [await room.joinRaw(), await room.joinRaw()];
  ada.send("hi");
  expect([await ada.next(), await bob.next()]).toEqual(["hi", "hi"]);
});

it("keeps state and URL asleep, and gives the platform the tags of a connection", async () => {
  const room = await openServer("COMPAT", {
    getConnectionTags: () => ["role:admin"],
    onConnect: (connection) => void connection.setState({ count: 1 }),
    onMessage(connection) {
      const { count } = connection.state as { count: number };
      const next = connection.setState(() => ({ count: count + 1 }));
      connection.send(JSON.stringify([next, connection.state, connection.uri?.includes("room")]));
    },
  }).kit();
  const ada = await room.joinRaw({ id: "ada" });
  for (const count of [2, 3]) {
    await room.sleep();
    ada.send("more");
    expect(JSON.parse(String(await ada.next()))).toEqual([{ count }, { count }, true]);
  }
  await room.sleep();
  const found = await room.run((server) =>
    ["role:admin", "ada", "nobody"].map((tag) => server.socketsOf(tag).length),
  );
  expect(found).toEqual([1, 1, 0]);
});

it("keeps a connection asleep whose app has written to the platform's socket", async () => {
  const room = openServer("COMPAT", {
    onMessage({ socket }, message, server) {
      if (message === "own") socket.serializeAttachment({ own: true });
      if (message === "found") server.socketsOf("ada")[0]?.serializeAttachment({ found: true });
      const { id, state } = server.getConnection("ada") ?? {};
      server.broadcast(JSON.stringify([id, state, socket.deserializeAttachment()]));
    },
  });
  const ada = await room.connect("?_pk=ada");
  for (const [message, state] of [
    ["own", { own: true }],
    ["found", { found: true }],
    ["nothing", { found: true }],
  ] as const) {
    await ada.send(message);
    expect(await ada.frame()).toEqual(["ada", state, state]);
    await room.sleep();
  }
});

it("takes messages that a party refuses, and names the option for its limit once", async () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  const room = openServer("COMPAT", {
    onMessage: (from, message) => from.send(String((message as string).length)),
  });
  const ada = await room.connect();
  const length = 1_500_000;
  ada.sendAll(["x".repeat(length), "x".repeat(length + 1)]);
  expect([await ada.next(), await ada.next()]).toEqual([String(length), String(length + 1)]);
  const reports = warn.mock.calls.flat().filter((text) => String(text).includes("messageBytes"));
  expect(reports).toHaveLength(1);
  warn.mockRestore();
});

it("keeps any value as the state of a connection in memory, and forwards its events", async () => {
  const room = await openServer("COMPAT_IN_MEMORY", {
    onConnect(connection) {
      connection.setState({ greet: () => "hello" });
      connection.addEventListener("message", () => connection.send("heard"));
    },
    onMessage: (from) => from.send((from.state as { greet(): string }).greet()),
  }).kit();
  const ada = await room.joinRaw();
  ada.send("x");
  expect(new Set([await ada.next(), await ada.next()])).toEqual(new Set(["heard", "hello"]));
});

it("lets a class override the platform's entry points, and call them with super", async () => {
  const room = openServer("CompatOverriding", {
    onMessage: (from) => from.send("answer"),
    onAlarm: (server) => server.storage.kv.put("rang", true),
  });
  expect(await (await room.request("/own")).text()).toBe("own");
  const foreign = await room.connect("/foreign");
  const ada = await room.connect();
  await ada.send("x");
  expect(await ada.next()).toBe("answer");
  await room.request();
  await runInDurableObject(room.stub, (server) => server.storage.setAlarm(Date.now() + 600_000));
  await runDurableObjectAlarm(room.stub);
  await ada.close();
  await ada.closed();
  const { calls, rang } = await runInDurableObject(room.stub, (server) => ({
    calls: [...new Set((server as OverridingServer).calls)],
    rang: server.storage.kv.get("rang"),
  }));
  expect(calls).toEqual(["fetch", "webSocketMessage", "alarm", "webSocketClose"]);
  expect(rang).toBe(true);
  // A socket that the app has accepted is not the library's.
  expect([foreign.isClosed, foreign.received]).toEqual([false, []]);
});

it("binds the values of a query", async () => {
  const room = openServer("COMPAT");
  const rows = await runInDurableObject(room.stub, async (server) => {
    await server.setName(room.name);
    server.sql`CREATE TABLE said (text TEXT)`;
    server.sql`INSERT INTO said VALUES (${"it's"}), (${"') --"})`;
    return server.sql<{ text: string }>`SELECT text FROM said WHERE text <> ${"nothing"}`;
  });
  expect(rows.map(({ text }) => text)).toEqual(["it's", "') --"]);
});

/** A promise, and the function that resolves it. */
function deferred(): { readonly promise: Promise<void>; resolve(): void } {
  let resolve = () => {};
  const promise = new Promise<void>((resolved) => {
    resolve = resolved;
  });
  return { promise, resolve: () => resolve() };
}
