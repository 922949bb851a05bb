import { runInDurableObject } from "cloudflare:test";
import { expect, it, onTestFinished, vi } from "vitest";
import { describeHibernatingRooms, type TestRoom } from "../../test/rooms";
import type { TestSocket } from "../../test/test-socket";

/**
 * What the first version wrote beside a socket: version, id, tags, state, hash of the key, whether it
 * speaks frames, when it expires. Never change it: rooms wake on new code with these.
 */
const FIRST = {
  framed: [
    1,
    "ada",
    ["red", "tall"],
    { name: "Ada" },
    "ilvbTMFRZBJsbvJmjendJA0pnOY5ekLJWpQRuT0IDtg",
    true,
    null,
  ],
  raw: [1, "bob", [], null, null, false, null],
  expired: [1, "cyd", ["red"], { name: "Cyd" }, null, true, 1_700_000_000_000],
} as const;

/** The key of that hash. */
const ADAS_KEY = "AAAAAAAAAAAAAAAAAAAAAA";

/** The first 128 bits of that hash. */
const ADAS_CLIENT = "ilvbTMFRZBJsbvJmjendJA";

/** What is accepted in the room's next request, by another release, another library or the app. */
let foreign: { attachment: unknown; tags: string[] } | undefined;

/** Accepts a foreign socket as no release of the library does. */
function acceptNext(ctx: DurableObjectState): Response | undefined {
  if (!foreign) return undefined;
  const { 0: client, 1: server } = new WebSocketPair();
  ctx.acceptWebSocket(server, foreign.tags);
  if (foreign.attachment !== undefined) server.serializeAttachment(foreign.attachment);
  foreign = undefined;
  return new Response(null, { status: 101, webSocket: client });
}

async function acceptForeign(
  room: TestRoom,
  attachment: unknown,
  tags: string[] = [],
): Promise<TestSocket> {
  foreign = { attachment, tags };
  const socket = await room.connect();
  await room.sleep();
  return socket;
}

function spyOnLog() {
  const log = vi.spyOn(console, "error").mockImplementation(() => {});
  onTestFinished(() => log.mockRestore());
  return () => log.mock.calls.map(([line]) => String(line));
}

describeHibernatingRooms("a socket that the first version accepted", (open) => {
  it("is the connection that it was: id, tags, state, client, and that it speaks frames", async () => {
    const room = open({ fetch: acceptNext });
    await acceptForeign(room, FIRST.framed);
    const seen = await runInDurableObject(room.stub, (party) => {
      const [connection] = party.getConnections(["red", "tall"]);
      return connection && [connection.id, connection.tags, connection.state, connection.client];
    });
    expect(seen).toEqual(["ada", ["red", "tall"], { name: "Ada" }, ADAS_CLIENT]);
  });

  it("is served, framed and raw, and hears of what others say", async () => {
    const room = open({
      fetch: acceptNext,
      onMessage: (party, { id }, text) => party.broadcast(`${id}: ${String(text)}`),
    });
    const framed = await acceptForeign(room, FIRST.framed);
    const raw = await acceptForeign(room, FIRST.raw);
    await framed.send('["$text","hello"]');
    expect(await framed.next()).toBe('["$text","ada: hello"]');
    expect(await raw.next()).toBe("ada: hello");
    await room.sleep();
    await raw.send("hi");
    expect(await framed.next()).toBe('["$text","bob: hi"]');
    expect(await raw.next()).toBe("bob: hi");
  });

  it("holds its id against other keys, is written anew, and gives way to its own key", async () => {
    const log: string[] = [];
    const room = open({
      fetch: acceptNext,
      onClose: (_party, connection, code) => {
        log.push(`${connection.id} ${JSON.stringify(connection.state)} ${code}`);
      },
    });
    const framed = await acceptForeign(room, FIRST.framed);
    const refused = await room.connect("?_pk=ada", ["partyflare.1"]);
    expect(await refused.frame()).toMatchObject(["$close", { code: 4403 }]);
    await runInDurableObject(room.stub, (party) => {
      party.getConnection("ada")?.setState({ name: "Ada II" });
      party.getConnection("ada")?.setTags(["blue"]);
    });
    await room.sleep();
    const tagged = await runInDurableObject(room.stub, (party) =>
      party.getConnections(["blue"]).map(({ state, client }) => [state, client]),
    );
    expect(tagged).toEqual([[{ name: "Ada II" }, ADAS_CLIENT]]);
    await room.connect("?_pk=ada", ["partyflare.1", `partyflare.key.${ADAS_KEY}`]);
    expect((await framed.closed()).code).toBe(4409);
    await vi.waitFor(() => expect(log).toEqual(['ada {"name":"Ada II"} 4409']), {
      timeout: 60_000,
    });
  });

  it("that has expired is closed at its next use", async () => {
    const room = open({ fetch: acceptNext });
    const expired = await acceptForeign(room, FIRST.expired);
    await expired.send('["$text","hello"]');
    expect(await expired.frame()).toMatchObject(["$close", { code: 4401 }]);
    expect((await expired.closed()).code).toBe(4401);
  });
});

describeHibernatingRooms("a socket whose attachment is not the library's", (open) => {
  const PARTYSERVER = { __pk: { id: "ada", uri: "https://example.com/parties/chat/lobby" } };

  it.each([
    ["it is spoken to", (room: TestRoom, socket: TestSocket) => socket.send("hello")],
    ["others come", (room: TestRoom) => room.connect("?_pk=bob")],
  ])("as partyserver writes it is closed 1011 when %s, and logged once", async (_when, wake) => {
    const lines = spyOnLog();
    const { log, ...room } = open({
      fetch: acceptNext,
      onMessage: (_party, { id }) => void log.push(id),
    });
    const full = { log, ...room };
    const socket = await acceptForeign(full, PARTYSERVER, ["ada"]);
    await wake(full, socket);
    expect((await socket.closed()).code).toBe(1011);
    await room.sleep();
    await room.connect("?_pk=cyd");
    expect(lines()).toEqual([expect.stringMatching(/attachment/i)]);
    expect(log).toEqual([]);
  });

  it("since the app has written its own is closed 1011 after a sleep, and logged once", async () => {
    const lines = spyOnLog();
    const { log, ...room } = open({
      onMessage(_party, { id, socket }, text) {
        log.push(`${id}: ${String(text)}`);
        if (text === "write") socket.serializeAttachment({ mine: true });
      },
    });
    const ada = await room.connect("?_pk=ada");
    const bob = await room.connect("?_pk=bob");
    await ada.send("write");
    await vi.waitFor(() => expect(log.length).toBe(1), { timeout: 60_000 });
    await room.sleep();
    ada.sendAll(["lost", "lost"]);
    expect((await ada.closed()).code).toBe(1011);
    await bob.send("hello");
    await vi.waitFor(() => expect(log).toEqual(["ada: write", "bob: hello"]), { timeout: 60_000 });
    expect(bob.isClosed).toBe(false);
    expect(lines()).toEqual([expect.stringMatching(/attachment/i)]);
    const ids = await runInDurableObject(room.stub, (party) =>
      party.getConnections().map(({ id }) => id),
    );
    expect(ids).toEqual(["bob"]);
  });

  it.each([
    ["no attachment", undefined],
    ["an attachment of its own", { mine: true }],
    ["an array of its own", ["mine", 1]],
  ])("that the app accepted by itself, with its own tags and %s, stays alone", async (_w, own) => {
    const lines = spyOnLog();
    const { log, ...room } = open({
      fetch: acceptNext,
      onMessage: (_party, { id }) => void log.push(id),
    });
    const socket = await acceptForeign({ log, ...room }, own, ["mine"]);
    await socket.send("hello");
    const ada = await room.connect("?_pk=ada");
    await ada.send("hello");
    await vi.waitFor(() => expect(log).toEqual(["ada"]), { timeout: 60_000 });
    const seen = await runInDurableObject(room.stub, (party, ctx) => [
      party.getConnections().length,
      ctx.getWebSockets("mine").map(({ readyState }) => readyState),
    ]);
    expect(seen).toEqual([1, [WebSocket.OPEN]]);
    expect(socket.isClosed).toBe(false);
    expect(lines()).toEqual([]);
  });

  it("because it has left is nobody's: what it still sends is not logged", async () => {
    const lines = spyOnLog();
    const { log, ...room } = open({
      onMessage(_party, connection) {
        log.push("message");
        connection.close(4000, "enough");
      },
    });
    const ada = await room.connect("?_pk=ada");
    ada.sendAll(["one", "late", "late"]);
    expect((await ada.closed()).code).toBe(4000);
    await room.sleep();
    await room.connect("?_pk=bob");
    expect(log).toEqual(["message"]);
    expect(lines()).toEqual([]);
  });
});

describeHibernatingRooms("a socket whose attachment has the data of capabilities", (open) => {
  it("has subscribed to them, and one from before has not: both are served", async () => {
    const room = open({
      fetch: acceptNext,
      onMessage: (party, { id }, text) => party.broadcast(`${id}: ${String(text)}`),
    });
    const kept = { first: { moved: [1, 2] } };
    const subscribed = [...FIRST.framed.slice(0, 7), ["first", "gone"], kept];
    const ada = await acceptForeign(room, subscribed);
    const bob = await acceptForeign(room, FIRST.raw);
    await ada.send('["$text","hello"]');
    expect([await ada.next(), await bob.next()]).toEqual(['["$text","ada: hello"]', "ada: hello"]);
    const written = await runInDurableObject(room.stub, (party) => {
      for (const connection of party.getConnections()) connection.setState({ name: "New" });
      return party.getConnections().map(({ id, state }) => [id, state] as const);
    });
    expect(new Map(written)).toEqual(
      new Map([
        ["ada", { name: "New" }],
        ["bob", { name: "New" }],
      ]),
    );
    const attachments = await runInDurableObject(room.stub, (_party, ctx) =>
      ctx.getWebSockets().map((socket) => socket.deserializeAttachment() as unknown[]),
    );
    // The data of a capability stays, though this code does not know the capability.
    expect(new Map(attachments.map(([, id, , , , , , ...rest]) => [id, rest]))).toEqual(
      new Map<unknown, unknown>([
        ["bob", []],
        ["ada", [["first", "gone"], kept]],
      ]),
    );
  });
});
