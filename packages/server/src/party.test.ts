import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { describeHibernatingRooms, describeRooms } from "../test/rooms";
import { type ErrorContext, Party, PartyError } from "./index";

describeRooms("a room", (open) => {
  it("passes messages on, to all but the excluded", async () => {
    const room = await open({
      onMessage: (party, connection, message) => party.broadcast(message, [connection.id]),
    }).kit();
    const [ada, bob] = [await room.joinRaw(), await room.joinRaw()];
    await room.step();
    ada.send("hello");
    expect(await bob.next()).toBe("hello");
    await room.step();
    bob.send("hi");
    expect(await ada.next()).toBe("hi");
    await Promise.all([ada.nothing(), bob.nothing()]);
  });

  it("knows its name", async () => {
    const room = await open({
      onConnect: (party, connection) => connection.send(party.room),
    }).kit();
    const socket = await room.joinRaw();
    expect(await socket.next()).toBe(room.name);
  });

  it("refuses to broadcast what is neither text nor bytes, before anyone gets it", async () => {
    const room = await open({
      onMessage(party, connection) {
        expect(() => party.broadcast({ text: "hello" } as unknown as string)).toThrow(
          /JSON\.stringify/,
        );
        connection.send("refused");
      },
    }).kit();
    const [socket, other] = [await room.joinRaw(), await room.joinRaw()];
    socket.send("go");
    expect(await socket.next()).toBe("refused");
    await other.nothing();
  });
});

describeRooms("onStart", (open) => {
  /** Slow, so that whatever overtakes it is seen. */
  const slowStart = (log: string[]) => async () => {
    log.push("starting");
    await scheduler.wait(20);
    log.push("started");
  };

  it("has finished before a request", async () => {
    const { log, ...room } = open({
      onStart: () => slowStart(log)(),
      onRequest: () => new Response(log.join()),
    });
    expect(await (await room.request()).text()).toBe("starting,started");
  });

  it("has finished before a connection", async () => {
    const { log, ...room } = open({
      onStart: () => slowStart(log)(),
      onConnect: (_party, connection) => connection.send(log.join()),
    });
    const socket = await room.connect();
    expect(await socket.next()).toBe("starting,started");
  });

  it("has finished, with the subclass's fields set, before an RPC method", async () => {
    const room = open({
      async onStart(party) {
        await scheduler.wait(20);
        party.field = "started";
      },
    });
    expect(await room.stub.ping()).toBe(`pong from ${room.name}, started`);
  });

  it("has finished before an alarm", async () => {
    const { log, ...room } = open({
      onStart: () => slowStart(log)(),
      onAlarm: () => void log.push("alarm"),
    });
    await runInDurableObject(room.stub, (_party, state) =>
      state.storage.setAlarm(Date.now() + 3_600_000),
    );
    await room.sleep();
    log.length = 0;
    expect(await runDurableObjectAlarm(room.stub)).toBe(true);
    expect(log.at(-1)).toBe("alarm");
    expect(log.filter((entry) => entry === "starting").length).toBe(
      log.filter((entry) => entry === "started").length,
    );
  });

  it("finds the room's name and its storage", async () => {
    const room = open({
      onStart: (party) => party.storage.put("name", party.room),
      onRequest: async (party) => new Response(await party.storage.get<string>("name")),
    });
    expect(await (await room.request()).text()).toBe(room.name);
  });
});

describeRooms("a room that fails to start", (open) => {
  it("answers a plain 500 without its reason, and starts again at the next arrival", async () => {
    let isBroken = true;
    const errors: ErrorContext[] = [];
    const room = open({
      onStart() {
        if (isBroken) throw new Error("secret reason");
      },
      onError: (_party, _error, context) => void errors.push(context),
      onRequest: () => new Response("started"),
    });
    const log = silenceLog();
    const refused = await room.request();
    expect(refused.status).toBe(500);
    expect(await refused.text()).not.toContain("secret");
    expect(errors).toEqual([{ during: "onStart" }]);
    expect(log).toHaveBeenCalled();
    isBroken = false;
    expect(await (await room.request()).text()).toBe("started");
  });
});

describeHibernatingRooms("a room that fails to wake", (open) => {
  it("cuts its connections with 1006, and takes them back", async () => {
    let isBroken = false;
    const room = open({
      onStart() {
        if (isBroken) throw new Error("secret reason");
      },
      onError: () => {},
      onMessage: (party, _connection, message) => party.broadcast(message),
    });
    silenceLog();
    const socket = await room.connect();
    await room.sleep();
    isBroken = true;
    socket.sendAll(["wake"]);
    expect((await socket.closed()).code).toBe(1006);
    isBroken = false;
    const again = await room.connect();
    await again.send("hello");
    expect(await again.next()).toBe("hello");
  });
});

describeRooms("what a hook throws", (open) => {
  const failures = {
    synchronously: () => {
      throw new Error("boom");
    },
    asynchronously: async () => {
      await scheduler.wait(1);
      throw new Error("boom");
    },
  };

  it.each(Object.keys(failures) as (keyof typeof failures)[])(
    "in onMessage, %s, is reported, and the connection lives on",
    async (how) => {
      const { log, ...room } = open({
        onMessage: (_party, connection, message) =>
          message === "fail" ? failures[how]() : connection.send(message),
        onError: (_party, error, { connection, during }) =>
          void log.push(`${String(error)} ${connection?.id} ${during}`),
      });
      const socket = await room.connect("?_pk=ada");
      await socket.send("fail");
      await socket.send("still here");
      expect(await socket.next()).toBe("still here");
      expect(log).toEqual(["Error: boom ada onMessage"]);
    },
  );

  it.each(Object.keys(failures) as (keyof typeof failures)[])(
    "in onClose, %s, is reported",
    async (how) => {
      const { log, ...room } = open({
        onClose: failures[how],
        onError: (_party, error, { connection, during }) =>
          void log.push(`${String(error)} ${connection?.id} ${during}`),
      });
      const socket = await room.connect("?_pk=ada");
      await socket.close(1000);
      await vi.waitFor(() => expect(log).toEqual(["Error: boom ada onClose"]), { timeout: 60_000 });
    },
  );

  it("in onRequest answers 500 without its message, and is reported", async () => {
    const { log, ...room } = open({
      onRequest: failures.asynchronously,
      onError: (_party, error, { during }) => void log.push(`${String(error)} ${during}`),
    });
    const response = await room.request();
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain("boom");
    expect(log).toEqual(["Error: boom onRequest"]);
  });

  it("in onRequest answers with its status if it is a PartyError", async () => {
    const room = open({
      onRequest() {
        throw new PartyError("rate_limited", { message: "Slow down.", retryAfterMs: 1_500 });
      },
    });
    const response = await room.request();
    expect([response.status, await response.text()]).toEqual([429, "Slow down."]);
    expect(response.headers.get("Retry-After")).toBe("2");
  });

  it("in onAlarm is reported, and the platform hears of it, to try again", async () => {
    const { log, ...room } = open({
      onAlarm: failures.synchronously,
      onError: (_party, error, { during }) => void log.push(`${String(error)} ${during}`),
    });
    await runInDurableObject(room.stub, async (party) => {
      await expect(party.alarm()).rejects.toThrow("boom");
    });
    expect(log).toEqual(["Error: boom onAlarm"]);
  });

  it("goes to the log, in one line with the stack below, where onError is not overridden", async () => {
    const room = open({
      onMessage() {
        throw new Error(`two\nlines\u202E and ${"much ".repeat(100)}`);
      },
    });
    const log = silenceLog();
    const socket = await room.connect();
    await socket.send("fail");
    await vi.waitFor(() => expect(log).toHaveBeenCalledOnce(), { timeout: 60_000 });
    const [line = "", ...stack] = String(log.mock.calls[0]?.[0]).split("\n");
    expect(line).toMatch(
      /^\[partyflare\] \w+Room "room-.+" onMessage: Error: two\\u000alines\\u202e/,
    );
    expect(line.length).toBeLessThanOrEqual(200);
    expect(stack.length).toBeGreaterThan(0);
    expect(stack.filter((frame) => !frame.startsWith("    at "))).toEqual([]);
  });

  it("in onError itself goes to the log, and the connection lives on", async () => {
    const room = open({
      onMessage: (_party, connection, message) =>
        message === "fail" ? failures.synchronously() : connection.send(message),
      onError() {
        throw new Error("worse");
      },
    });
    const log = silenceLog();
    const socket = await room.connect();
    await socket.send("fail");
    await socket.send("still here");
    expect(await socket.next()).toBe("still here");
    expect(log.mock.calls.flat().join("\n")).toMatch(/boom[^]*worse/);
  });
});

describeRooms("a plain request", (open) => {
  it("is answered by onRequest, with the method, path and body that were sent", async () => {
    const room = open({
      onRequest: async (_party, request) =>
        new Response(`${request.method} ${new URL(request.url).search} ${await request.text()}`),
    });
    const response = await room.request("/some/path?a=1", { method: "POST", body: "body" });
    expect(await response.text()).toBe("POST ?a=1 body");
  });

  it("is answered 404 with a sentence where onRequest is not overridden", async () => {
    const response = await open({}).request();
    expect(response.status).toBe(404);
    expect(await response.text()).toMatch(/WebSocket/);
  });

  it("is answered 500, and reported, where onRequest forgets to return a Response", async () => {
    const { log, ...room } = open({
      onRequest: () => undefined as unknown as Response,
      onError: (_party, error) => void log.push(String(error)),
    });
    expect((await room.request()).status).toBe(500);
    expect(log).toEqual(["TypeError: onRequest returns a Response, not undefined."]);
  });
});

describe("a party without hooks", () => {
  it("still accepts connections", async () => {
    const stub = Party.withRoom(env.BARE, `room-${crypto.randomUUID()}`);
    const { status, webSocket } = await stub.fetch("https://example.com/", {
      headers: { Upgrade: "websocket" },
    });
    expect(status).toBe(101);
    webSocket?.accept();
    webSocket?.close();
  });
});

describe("a room without a name", () => {
  it("says what to do about it", async () => {
    const stub = env.BARE.get(env.BARE.newUniqueId());
    await runInDurableObject(stub, (party) => {
      expect(() => party.room).toThrow(/Party\.withRoom/);
    });
    await evictDurableObject(stub);
  });
});

function silenceLog() {
  const log = vi.spyOn(console, "error").mockImplementation(() => {});
  onTestFinished(() => log.mockRestore());
  return log;
}
