import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it, vi } from "vitest";
import {
  describeHibernatingRooms,
  describeRooms,
  describeTypedRooms,
  openStrictRoom,
} from "../../test/rooms";
import { stopClock } from "../../test/stop-clock";
import { RateLimit, RateLimits } from "./rate-limit";

const FRAMED = ["partyflare.1"];

describeTypedRooms("a message beyond the limit", (open) => {
  it("is answered too_large, and the connection is closed 4413; another lives on", async () => {
    const { log, ...room } = open({
      handle: { say: (_party, from) => from.emit("bell") },
      onClose: (_party, connection, code) => void log.push(`${connection.id} ${code}`),
    });
    const [big, good] = [await room.connect("?_pk=big", FRAMED), await room.connect("", FRAMED)];
    for (const socket of [big, good]) await socket.frame();
    big.sendAll([JSON.stringify(["anything", "x".repeat(1_024 * 1_024)])]);
    expect(await big.frame()).toMatchObject(["$error", { code: "too_large" }]);
    expect(await big.frame()).toMatchObject(["$close", { code: 4413, retry: false }]);
    expect(await big.closed()).toEqual({ code: 4413, reason: "too_large" });
    await good.sendFrame("say", { text: "" });
    expect(await good.frame()).toEqual(["bell"]);
    expect(log).toEqual(["big 4413"]);
  });

  it("is measured in bytes, and not in characters", async () => {
    const { log, ...room } = open({
      onMessage: (_party, _connection, message) => void log.push(String(message).slice(0, 1)),
    });
    const raw = await room.connect();
    const [fits, exceeds] = [350_000, 349_526].map((count) => "€".repeat(count));
    await raw.send(exceeds?.slice(0, 349_525) ?? "");
    await vi.waitFor(() => expect(log).toEqual(["€"]), { timeout: 60_000 });
    raw.sendAll([fits ?? ""]);
    expect(await raw.closed()).toEqual({ code: 4413, reason: "too_large" });
  });
});

describe("a rate limit", () => {
  const rates = { messagesPerSecond: 10, messageBurst: 5, bytesPerSecond: 1_000 };

  it("lets a burst pass, then what its rate allows", () => {
    const limit = new RateLimit(rates, 0);
    for (let count = 0; count < 5; count += 1) expect(limit.take(1, 1, 0)).toBeNull();
    expect(limit.take(1, 1, 0)).toEqual({ retryAfterMs: 100, isOverdrawn: false });
    expect(limit.take(1, 1, 200)).toBeNull();
  });

  it("is at an end with who goes on, and forgives who stops", () => {
    const insistent = new RateLimit(rates, 0);
    const verdicts = Array.from({ length: 10 }, () => insistent.take(1, 1, 0));
    expect(verdicts.map((verdict) => verdict?.isOverdrawn)).toEqual([
      ...Array<undefined>(5).fill(undefined),
      ...Array<boolean>(4).fill(false),
      true,
    ]);
    const patient = new RateLimit(rates, 0);
    for (let count = 0; count < 8; count += 1) patient.take(1, 1, 0);
    expect(patient.take(1, 1, 1_000)).toBeNull();
  });

  it("counts bytes as well as messages", () => {
    const limit = new RateLimit(rates, 0);
    expect(limit.take(1, 900, 0)).toBeNull();
    expect(limit.take(1, 900, 0)).toEqual({ retryAfterMs: 800, isOverdrawn: false });
  });

  it("is owed for 30 s at most, whatever was sent", () => {
    const limit = new RateLimit(rates, 0);
    for (let count = 0; count < 10_000; count += 1) limit.take(1, 1, 0);
    expect(limit.take(0, 0, 0)).toEqual({ retryAfterMs: 30_000, isOverdrawn: true });
    expect(limit.take(0, 0, 29_900)).toEqual({ retryAfterMs: 100, isOverdrawn: false });
  });

  it("is not shaken by a clock that goes back", () => {
    const limit = new RateLimit(rates, 10_000);
    for (let count = 0; count < 5; count += 1) expect(limit.take(1, 1, 0)).toBeNull();
    expect(limit.take(1, 1, 0)).toEqual({ retryAfterMs: 100, isOverdrawn: false });
  });
});

describe("the rates of a room", () => {
  const rates = { messagesPerSecond: 10, messageBurst: 5, bytesPerSecond: Infinity };
  const sender = (client: string) => ({ socket: new WebSocketPair()[1], client });

  it("know a client that reconnects, and no other", () => {
    const limits = new RateLimits(rates);
    for (let count = 0; count < 15; count += 1) limits.take(sender("bob"), 1, 1, 0);
    const owing = { retryAfterMs: 1_000, isOverdrawn: true };
    expect(limits.barred("bob", 0)).toEqual(owing);
    expect(limits.barred("ada", 0)).toBeNull();
    expect(limits.barred("bob", 1_000)).toBeNull();
    // Forgiven, but not given a fresh burst.
    expect(limits.take(sender("bob"), 1, 1, 1_000)).toMatchObject({ isOverdrawn: false });
  });

  it("count what was on its way when a connection was closed", () => {
    const limits = new RateLimits(rates);
    const late = sender("ada");
    for (let count = 0; count < 10; count += 1) limits.take(late, 1, 1, 0);
    for (let count = 0; count < 90; count += 1) limits.takeLate(late.socket, 1, 0);
    expect(limits.barred("ada", 0)).toMatchObject({ retryAfterMs: 9_500 });
  });

  it("forget whom they have nothing against", () => {
    const limits = new RateLimits(rates);
    for (let count = 0; count < 1_000; count += 1) limits.take(sender(`${count}`), 1, 1, count);
    expect(limits.size).toBeLessThan(200);
  });
});

describeRooms("a connection that expires", (open) => {
  it("takes and sends nothing from that moment on, and is closed 4401", async () => {
    const clock = stopClock();
    const start = Date.now();
    const { log, ...room } = open({
      onConnect: (_party, connection) => connection.expireAt(start + 60_000),
      onMessage: (_party, connection, message) => connection.send(message),
      onClose: (_party, connection, code) => void log.push(`${connection.id} ${code}`),
      onRequest(party) {
        party.broadcast("news");
        return new Response();
      },
    });
    const sender = await room.connect("?_pk=sender");
    const reader = await room.connect("?_pk=reader");
    await sender.send("in time");
    expect(await sender.next()).toBe("in time");
    clock.atMs = start + 60_000;
    await sender.send("too late");
    expect(await sender.closed()).toEqual({ code: 4401, reason: "unauthorized" });
    await room.request();
    expect(await reader.closed()).toEqual({ code: 4401, reason: "unauthorized" });
    expect(reader.received).toEqual([]);
    expect(sender.received).toEqual(["in time"]);
    await vi.waitFor(() => expect(log).toEqual(["sender 4401", "reader 4401"]), {
      timeout: 60_000,
    });
  });

  it("can be given more time", async () => {
    const clock = stopClock();
    const start = Date.now();
    const room = open({
      onConnect: (_party, connection) => connection.expireAt(start + 1_000),
      onMessage(_party, connection, message) {
        if (message === "longer") connection.expireAt(start + 60_000);
        if (message === "for ever") connection.expireAt(Infinity);
        connection.send(message);
      },
    });
    const socket = await room.connect();
    await socket.send("longer");
    await socket.next();
    clock.atMs = start + 2_000;
    await socket.send("for ever");
    await socket.next();
    clock.atMs = start + 3_600_000;
    await socket.send("still here");
    expect(await socket.next()).toBe("still here");
  });
});

describeHibernatingRooms("a connection that has expired", (open) => {
  it("still gets the platform's answers to pings, and stays listed, until its next use", async () => {
    const clock = stopClock();
    const start = Date.now();
    const room = open({
      onConnect: (_party, connection) => connection.expireAt(start + 60_000),
      onRequest(party) {
        party.broadcast("news");
        return new Response();
      },
    });
    const socket = await room.connect("?_pk=ada");
    clock.atMs = start + 61_000;
    await socket.send('["$ping"]');
    expect(await socket.next()).toBe('["$pong"]');
    const listed = await runInDurableObject(room.stub, (party) =>
      party.getConnections().map(({ id }) => id),
    );
    expect(listed).toEqual(["ada"]);
    await room.request();
    expect(await socket.closed()).toEqual({ code: 4401, reason: "unauthorized" });
  });
});

describeHibernatingRooms("a dead connection", (open) => {
  it("that has given signs of life is removed when somebody asks; who never did is kept", async () => {
    const { log, ...room } = open({
      onClose: (_party, connection, code) => void log.push(`${connection.id} ${code}`),
    });
    const pinged = await room.connect("?_pk=pinged");
    await room.connect("?_pk=silent");
    await pinged.send('["$ping"]');
    expect(await pinged.next()).toBe('["$pong"]');
    const clock = stopClock();
    clock.atMs += 131_000;
    const listed = await runInDurableObject(room.stub, (party) =>
      party.getConnections().map(({ id }) => id),
    );
    expect(listed).toEqual(["silent"]);
    expect(log).toEqual(["pinged 1006"]);
  });
});

describeRooms("a reader that stops reading", (open) => {
  it("is closed 4408 once more is waiting for it than may; the others get everything", async () => {
    const { log, ...room } = open({
      onMessage(party, connection, message) {
        // A stand-in for what the runtime of these tests does not tell. `faults/` has the real thing.
        const bufferedAmount = { value: 1_024 * 1_024 + 1 };
        const slow = party.getConnection("slow");
        if (slow) Object.defineProperty(slow.socket, "bufferedAmount", bufferedAmount);
        party.broadcast(message);
        connection.send("done");
      },
      onClose: (_party, connection, code) => void log.push(`${connection.id} ${code}`),
    });
    const slow = await room.connect("?_pk=slow");
    const fast = await room.connect("?_pk=fast");
    await fast.send("news");
    expect([await fast.next(), await fast.next()]).toEqual(["news", "done"]);
    expect(await slow.closed()).toEqual({ code: 4408, reason: "too_slow" });
    expect(log).toEqual(["slow 4408"]);
  });
});

describeRooms("a client that is gone before the response reaches it", (open) => {
  it("is removed when somebody asks, and who has got the response is kept", async () => {
    const { log, ...room } = open({
      onConnect: (_party, connection) => void log.push(`${connection.id} came`),
      onClose: (_party, connection, code) => void log.push(`${connection.id} ${code}`),
    });
    await room.connect("?_pk=there");
    const listed = await runInDurableObject(room.stub, async (party) => {
      // Nobody takes this response, as when its client has been reset in the meantime.
      const request = new Request("https://example.com/?_pk=gone", {
        headers: { Upgrade: "websocket" },
      });
      expect((await party.fetch(request)).status).toBe(101);
      const before = party.getConnections().map(({ id }) => id);
      stopClock().atMs += 11_000;
      return [before, party.getConnections().map(({ id }) => id)];
    });
    expect(listed.map((ids) => ids.toSorted())).toEqual([["gone", "there"], ["there"]]);
    await vi.waitFor(() => expect(log).toEqual(["there came", "gone came", "gone 1006"]), {
      timeout: 60_000,
    });
  });
});

describe("a room that is full", () => {
  it("refuses with 4503, to come back later, and takes the next when one has left", async () => {
    const room = openStrictRoom({
      onConnect: (_party, connection) => connection.send("welcome"),
    });
    const first = await room.connect("?_pk=first");
    await room.connect("?_pk=second");
    const third = await room.connect("?_pk=third", ["partyflare.raw"]);
    expect(await third.closed()).toEqual({ code: 4503, reason: "room_full" });
    // One that comes back by its id takes no further place.
    const again = await room.connect("?_pk=second");
    expect(await again.next()).toBe("welcome");
    await first.close(1000);
    await first.closed();
    const fourth = await room.connect("?_pk=fourth");
    expect(await fourth.next()).toBe("welcome");
  });
});

describe("a client that sends too fast", () => {
  it("is refused call by call, told when to try again, and closed 4429 if it goes on", async () => {
    // On a busy machine its bucket would fill again between two messages.
    stopClock();
    const { log, ...room } = openStrictRoom({
      onMessage: (_party, _connection, message) => void log.push(String(message)),
    });
    const socket = await room.connect("", FRAMED);
    await socket.frame();
    socket.sendAll([
      ...Array.from({ length: 5 }, (_, index) => `["$text","${index}"]`),
      '["$call",1,"anything"]',
      '["$text","refused"]',
    ]);
    const error = { code: "rate_limited", retryAfterMs: expect.any(Number) };
    expect(await socket.frame()).toMatchObject(["$fail", 1, error]);
    expect(await socket.frame()).toMatchObject(["$error", error]);
    expect(log).toEqual(["0", "1", "2", "3", "4"]);
    socket.sendAll(Array<string>(10).fill('["$text","refused"]'));
    expect(await socket.closed()).toEqual({ code: 4429, reason: "rate_limited" });
    expect(log.length).toBe(5);
  });

  it("is told when to come back, and refused until then, before anything is asked of the app", async () => {
    stopClock();
    let asked = 0;
    const room = openStrictRoom({ authorize: () => void (asked += 1) });
    const socket = await room.connect("?_pk=ada", FRAMED);
    await socket.frame();
    socket.sendAll(Array<string>(100).fill('["$text","again"]'));
    await socket.closed();
    const close = [
      "$close",
      { code: 4429, reason: "rate_limited", retry: true, retryAfterMs: expect.any(Number) },
    ];
    expect(socket.frames.at(-1)).toEqual(close);
    const again = await room.connect("?_pk=ada", FRAMED);
    expect(await again.frame()).toEqual(close);
    expect(asked).toBe(1);
    const other = await room.connect("?_pk=bob", FRAMED);
    expect(await other.frame()).toMatchObject(["$hello", { id: "bob" }]);
  });

  it("cannot hide its frames in a message: as many pass as by themselves, the first ones", async () => {
    stopClock();
    const { log, ...room } = openStrictRoom({
      onMessage: (_party, _connection, message) => void log.push(String(message)),
    });
    const socket = await room.connect("", FRAMED);
    await socket.frame();
    const texts = ["0", "1", "2", "3", "4", "5"];
    socket.sendAll([texts.map((text) => `["$text","${text}"]`).join("\n")]);
    expect(await socket.frame()).toMatchObject(["$error", { code: "rate_limited" }]);
    expect(log).toEqual(["0", "1", "2", "3", "4"]);
    socket.sendAll([Array<string>(10).fill('["$text","refused"]').join("\n")]);
    expect(await socket.frame()).toMatchObject(["$error", { code: "rate_limited" }]);
    expect(await socket.closed()).toEqual({ code: 4429, reason: "rate_limited" });
    expect(log.length).toBe(5);
    expect(socket.received.length).toBe(4);
  });
});

describe("frames that a client has joined", () => {
  const frames = (count: number, length: number) =>
    Array.from({ length: count }, () => JSON.stringify(["$text", "x".repeat(length)]));

  it("are each measured by themselves, since their client does not know the limit", async () => {
    const { log, ...room } = openStrictRoom({
      onMessage: (_party, _connection, message) => void log.push(`${String(message).length}`),
    });
    const socket = await room.connect("", FRAMED);
    await socket.frame();
    socket.sendAll([frames(3, 1_000).join("\n")]);
    await vi.waitFor(() => expect(log).toEqual(["1000", "1000", "1000"]), { timeout: 60_000 });
    expect(socket.isClosed).toBe(false);
  });

  it.each([
    ["one of which is too large", [...frames(1, 10), ...frames(1, 1_024)]],
    [
      "one of which is too large in bytes",
      [...frames(1, 10), JSON.stringify(["$text", "€".repeat(400)])],
    ],
    ["which are more than clients join", frames(70, 1_000)],
    ["which are no frames, but newlines", Array<string>(10_000).fill("")],
  ])("%s are refused, all of them", async (_which, joined) => {
    const { log, ...room } = openStrictRoom({
      onMessage: (_party, _connection, message) => void log.push(String(message)),
    });
    const socket = await room.connect("", FRAMED);
    await socket.frame();
    socket.sendAll([joined.join("\n")]);
    expect(await socket.closed()).toEqual({ code: 4413, reason: "too_large" });
    expect(log).toEqual([]);
  });

  it("may be of no more than the limit where the client speaks no frames", async () => {
    const room = openStrictRoom({});
    const raw = await room.connect();
    raw.sendAll([frames(3, 1_000).join("\n")]);
    expect(await raw.closed()).toEqual({ code: 4413, reason: "too_large" });
  });
});
