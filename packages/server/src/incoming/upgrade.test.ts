import { runInDurableObject } from "cloudflare:test";
import { expect, it, vi } from "vitest";
import { describeRooms } from "../../test/rooms";
import type { ScriptedRoom } from "../../test/parties";
import { TestSocket } from "../../test/test-socket";
import { PartyError } from "../index";

const ids = (connections: { id: string }[]) => connections.map(({ id }) => id);

describeRooms("a connection on its way in", (open) => {
  it("passes authorize, tags and onConnect, in this order, however slow they are", async () => {
    const { log, ...room } = open({
      async authorize() {
        await scheduler.wait(5);
        log.push("authorize");
      },
      async getConnectionTags() {
        await scheduler.wait(5);
        log.push("tags");
        return [];
      },
      async onConnect() {
        await scheduler.wait(5);
        log.push("connect");
      },
      onMessage: (_party, connection, message) => {
        log.push("message");
        connection.send(message);
      },
    });
    const socket = await room.connect();
    await socket.send("hello");
    await socket.next();
    expect(log).toEqual(["authorize", "tags", "connect", "message"]);
  });

  it("is listed in onConnect, and not before", async () => {
    const { log, ...room } = open({
      authorize: (party) => void log.push(`authorize ${ids(party.getConnections()).join()}`),
      getConnectionTags: (party) => {
        log.push(`tags ${ids(party.getConnections()).join()}`);
        return ["blue"];
      },
      onConnect: (party, connection) => {
        log.push(`connect ${ids(party.getConnections(["blue"])).join()}`);
        log.push(`found ${party.getConnection("ada") === connection}`);
      },
    });
    await room.connect("?_pk=ada");
    await vi.waitFor(
      () => expect(log).toEqual(["authorize ", "tags ", "connect ada", "found true"]),
      { timeout: 60_000 },
    );
  });

  it.each([
    ["?_pk=ada", "ada"],
    ["?_pk=ada#?_pk=bob", "ada"],
    ["??_pk=ada&_pk=bob#_pk=cat", "bob"],
    ["#?_pk=bob", expect.stringMatching(/^[0-9a-f-]{36}$/)],
  ])("has the id of its query, and none of a fragment: %s", async (end, id) => {
    const room = open({});
    const found = await runInDurableObject(room.stub, async (party) => {
      // A party that overrides `fetch` may pass on a request of its own, with a fragment.
      const headers = { Upgrade: "websocket" };
      const { webSocket } = await party.fetch(
        new Request(`https://x/parties/a/b${end}`, { headers }),
      );
      webSocket?.accept();
      const listed = ids(party.getConnections());
      webSocket?.close();
      return listed;
    });
    expect(found).toEqual([id]);
  });

  it("starts with the state that authorize returned", async () => {
    const room = open({
      authorize: (_party, _request, { id, token }) => ({ id, token }),
      onConnect: (_party, connection) => connection.send(JSON.stringify(connection.state)),
    });
    const token = btoa("secret token").replaceAll("=", "");
    const socket = await room.connect("?_pk=ada", ["partyflare.raw", `partyflare.token.${token}`]);
    expect(await socket.next()).toBe('{"id":"ada","token":"secret token"}');
  });

  it("keeps the state that getConnectionTags set", async () => {
    const room = open({
      getConnectionTags: (_party, connection) => {
        connection.setState({ name: "Ada" });
        return [];
      },
      onConnect: (_party, connection) => connection.send(JSON.stringify(connection.state)),
    });
    expect(await (await room.connect()).next()).toBe('{"name":"Ada"}');
  });

  it("cannot send or close before it is open, and is told so", async () => {
    const { log, ...room } = open({
      getConnectionTags: (_party, connection) => {
        expect(connection.readyState).toBe(WebSocket.CONNECTING);
        expect(() => connection.send("early")).toThrow(/onConnect/);
        expect(() => connection.close()).toThrow(/PartyError/);
        return ["checked"];
      },
      onConnect: (_party, connection) => connection.send(connection.tags.join()),
      onError: (_party, error) => void log.push(String(error)),
    });
    expect(await (await room.connect()).next()).toBe("checked");
    expect(log).toEqual([]);
  });

  it("gets a random id where it brings none", async () => {
    const room = open({ onConnect: (_party, connection) => connection.send(connection.id) });
    const [first, second] = [await room.connect(), await room.connect()];
    const [a, b] = [await first.next(), await second.next()];
    expect(a).toMatch(/^[\x21-\x7e]{1,128}$/);
    expect(a).not.toBe(b);
  });

  it.each(["", "a%20b", "caf%C3%A9", "%00", "x".repeat(129)])(
    "is refused with 400 for the id '%s'",
    async (id) => {
      const response = await open({}).upgrade(`?_pk=${id}`);
      expect([response.status, response.webSocket]).toEqual([400, null]);
      expect(await response.text()).toMatch(/visible ASCII/);
    },
  );

  it("is refused with 405 unless it comes by GET", async () => {
    // Asked of the object itself: the platform's own fetch makes a GET of every upgrade.
    const request = new Request("https://example.com", {
      method: "POST",
      headers: { Upgrade: "websocket" },
    });
    await runInDurableObject(open({}).stub, async (party) => {
      const { status, headers } = await party.fetch(request);
      expect([status, headers.get("Allow")]).toEqual([405, "GET"]);
    });
  });

  it("is answered with one of the subprotocols it offered, never with a key or a token", async () => {
    const room = open({});
    const offers = [
      ["chat", "other"],
      ["partyflare.key.abc", "partyflare.token.abc"],
      ["partyflare.key.abc", "chat"],
      ["chat", "partyflare.key.abc", "partyflare.raw"],
    ];
    const answers = await Promise.all(
      offers.map(async (offer) => {
        const headers = { "Sec-WebSocket-Protocol": offer.join(", ") };
        const { headers: answered, webSocket } = await room.upgrade("", { headers });
        webSocket?.accept();
        webSocket?.close();
        return answered.get("Sec-WebSocket-Protocol");
      }),
    );
    expect(answers).toEqual(["chat", null, "chat", "partyflare.raw"]);
  });
});

describeRooms("a refused connection", (open) => {
  const RAW = { headers: { "Sec-WebSocket-Protocol": "partyflare.raw" } };

  it("learns its HTTP status from a PartyError, which is no error of the room", async () => {
    const { log, ...room } = open({
      authorize() {
        throw new PartyError("unauthorized");
      },
      onError: (_party, error) => void log.push(String(error)),
    });
    const response = await room.upgrade();
    expect([response.status, response.webSocket]).toEqual([401, null]);
    expect(log).toEqual([]);
    expect(ids(await connections(room.stub))).toEqual([]);
  });

  it("learns a close code instead where it offers our subprotocol, as browsers see no status", async () => {
    const room = open({
      authorize() {
        throw new PartyError("unauthorized");
      },
    });
    const response = await room.upgrade("", RAW);
    expect(response.status).toBe(101);
    expect(response.headers.get("Sec-WebSocket-Protocol")).toBe("partyflare.raw");
    const socket = new TestSocket(response.webSocket as WebSocket, async () => {});
    expect(await socket.closed()).toEqual({ code: 4401, reason: "unauthorized" });
    expect(ids(await connections(room.stub))).toEqual([]);
  });

  it.each(["authorize", "getConnectionTags"] as const)(
    "learns nothing of what %s threw, and the room hears it",
    async (hook) => {
      const { log, ...room } = open({
        [hook]: async () => {
          throw new Error("secret");
        },
        onError: (_party, error, { during }) => void log.push(`${String(error)} ${during}`),
      });
      const response = await room.upgrade();
      expect(response.status).toBe(500);
      expect(await response.text()).not.toContain("secret");
      const { webSocket } = await room.upgrade("", RAW);
      const socket = new TestSocket(webSocket as WebSocket, async () => {});
      expect(await socket.closed()).toEqual({ code: 1011, reason: "internal" });
      expect(log).toEqual(Array(2).fill(`Error: secret ${hook}`));
    },
  );

  it("is refused for tags that are not legal", async () => {
    const { log, ...room } = open({
      getConnectionTags: () => ["x".repeat(257)],
      onError: (_party, error) => void log.push(String(error)),
    });
    expect((await room.upgrade()).status).toBe(500);
    expect(log).toEqual(["RangeError: A tag has 1 to 256 characters, not 257."]);
  });

  it("is closed when onConnect throws, and its onClose still comes", async () => {
    const { log, ...room } = open({
      onConnect() {
        throw new Error("secret");
      },
      onClose: (_party, _connection, code) => void log.push(`close ${code}`),
      onError: (_party, error, { during }) => void log.push(`${String(error)} ${during}`),
    });
    const socket = await room.connect();
    expect(await socket.closed()).toEqual({ code: 1011, reason: "internal" });
    await vi.waitFor(() => expect(log).toEqual(["Error: secret onConnect", "close 1011"]), {
      timeout: 60_000,
    });
    expect(ids(await connections(room.stub))).toEqual([]);
  });

  it("is closed with an app's own code when onConnect throws that", async () => {
    const { log, ...room } = open({
      onConnect() {
        throw new PartyError("banned");
      },
      onError: (_party, error) => void log.push(String(error)),
    });
    const socket = await room.connect();
    expect(await socket.closed()).toEqual({ code: 4403, reason: "banned" });
    expect(log).toEqual([]);
  });
});

describeRooms("an id", (open) => {
  const script = (log: string[]) => ({
    onConnect: (_party: unknown, connection: { send(text: string): void }) =>
      connection.send("welcome"),
    onClose: (_party: unknown, connection: { id: string }, code: number) =>
      void log.push(`${connection.id} ${code}`),
  });

  it("goes to the newest where it is held without a key, and the older is closed with 4409", async () => {
    const log: string[] = [];
    const room = open(script(log));
    const older = await room.connect("?_pk=ada");
    await room.connect("?_pk=ada");
    expect(await older.closed()).toEqual({ code: 4409, reason: "superseded" });
    expect(ids(await connections(room.stub))).toEqual(["ada"]);
    await vi.waitFor(() => expect(log).toEqual(["ada 4409"]), { timeout: 60_000 });
  });

  it("that is held with a key goes only to who has it", async () => {
    const room = open(script([]));
    const older = await room.connect("?_pk=ada", ["partyflare.raw", "partyflare.key.secret"]);
    expect((await room.upgrade("?_pk=ada")).status).toBe(403);
    const stranger = await room.connect("?_pk=ada", ["partyflare.raw", "partyflare.key.guess"]);
    expect(await stranger.closed()).toEqual({ code: 4403, reason: "forbidden" });
    expect(older.received).toEqual(["welcome"]);
    await room.connect("?_pk=ada", ["partyflare.raw", "partyflare.key.secret"]);
    expect((await older.closed()).code).toBe(4409);
  });

  it("has one winner of 50 who race for it", async () => {
    const { log, ...room } = open({
      authorize: () => scheduler.wait(Math.random() * 10),
      onClose: (_party, connection, code) => void log.push(`${connection.id} ${code}`),
    });
    const racers = await Promise.all(
      Array.from({ length: 50 }, async () => {
        const { webSocket } = await room.upgrade("?_pk=ada");
        return new TestSocket(webSocket as WebSocket, async () => {});
      }),
    );
    await vi.waitFor(() => expect(log).toEqual(Array(49).fill("ada 4409")), { timeout: 60_000 });
    expect(ids(await connections(room.stub))).toEqual(["ada"]);
    await vi.waitFor(() => expect(racers.filter((racer) => !racer.isClosed).length).toBe(1), {
      timeout: 60_000,
    });
  });
});

describeRooms("a key", (open) => {
  it("is never stored, only its SHA-256", async () => {
    const room = open({});
    await room.connect("?_pk=ada", ["partyflare.raw", "partyflare.key.secret"]);
    const stored = await runInDurableObject(room.stub, (party) =>
      JSON.stringify(party.getConnection("ada")?.socket.deserializeAttachment()),
    );
    expect(stored).toContain('"ada"');
    expect(stored).not.toContain("secret");
  });
});

async function connections(stub: DurableObjectStub<ScriptedRoom>) {
  return runInDurableObject(stub, (party) => party.getConnections().map(({ id }) => ({ id })));
}
