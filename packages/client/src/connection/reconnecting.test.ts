import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { eventually } from "../../test/eventually";
import { lacks } from "../../test/platform";
import { RoomServer } from "../../test/room-server";
import { FOR_EVER, webSocketClasses } from "../../test/rooms";
import type { PartyErrorEvent } from "../socket/socket-events";
import type { PartyCloseEvent } from "./close-event";
import type { PartySocketOptions } from "./options";
import { PartySocket } from "../socket/party-socket";

describe.each(webSocketClasses)("a connection that is lost, with $name", ({ WebSocket }) => {
  let server: RoomServer;
  let sockets: PartySocket[];
  /** Called once for every wait that begins. */
  const random = vi.fn(() => 0.5);

  beforeEach(async () => {
    random.mockClear();
    server = await RoomServer.start();
    sockets = [];
  });
  afterEach(async () => {
    for (const socket of sockets) socket.close();
    await server.stop();
  });

  /** A socket, and every close and error event it has told of. */
  function open(options: Partial<PartySocketOptions> = {}) {
    const socket = new PartySocket(
      {
        host: server.host,
        party: "chat",
        room: randomUUID(),
        WebSocket,
        minReconnectionDelay: 2,
        maxReconnectionDelay: 20,
        ...options,
      },
      { random },
    );
    sockets.push(socket);
    const closes: PartyCloseEvent[] = [];
    const errors: PartyErrorEvent[] = [];
    socket.addEventListener("close", (event) => closes.push(event));
    socket.addEventListener("error", (event) => errors.push(event));
    return { socket, closes, errors };
  }

  const visits = (count: number) => eventually(() => expect(server.visits).toHaveLength(count));

  it.each([1_001, 1_011, 1_012, 1_013, 4_408, 4_429, 4_503])(
    "comes back after a close with %d, as the same client",
    async (code) => {
      const { closes } = open();
      await visits(1);
      server.visits[0]!.socket.close(code);
      await visits(2);
      expect(closes.map((close) => close.code)).toEqual([code]);
      const [first, second] = server.visits;
      expect(second!.query.get("_pk")).toBe(first!.query.get("_pk"));
      expect(second!.key).toBe(first!.key);
    },
  );

  it.each([1_000, 1_008, 3_000, 4_000, 4_401, 4_403, 4_409])(
    "stays away after a close with %d, until it is told to reconnect",
    async (code) => {
      const { socket, closes } = open();
      await visits(1);
      server.visits[0]!.socket.close(code);
      await eventually(() => expect(closes.map((close) => close.code)).toEqual([code]));
      expect(socket.shouldReconnect).toBe(false);
      socket.reconnect();
      await visits(2);
      await isOpen(socket);
      expect(socket.shouldReconnect).toBe(true);
    },
  );

  it.skipIf(lacks("standard closing"))("comes back after it was cut", async () => {
    const { closes } = open();
    await visits(1);
    server.visits[0]!.socket.terminate();
    await visits(2);
    expect(closes).toHaveLength(1);
    expect(closes[0]).toMatchObject({ code: 1_006, wasClean: false });
  });

  it("comes back after a close without a code", async () => {
    open();
    await visits(1);
    server.visits[0]!.socket.close();
    await visits(2);
  });

  it.skipIf(lacks("standard closing"))(
    "tells of a failed attempt once, as an error and a close with 1006",
    async () => {
      server.mode = "cut";
      const { closes, errors } = open(FOR_EVER);
      await eventually(() => expect(errors).toHaveLength(1));
      expect(closes).toHaveLength(1);
      expect(closes[0]).toMatchObject({ code: 1_006, wasClean: false });
      expect(errors[0]!.message).not.toBe("");
      expect(errors[0]!.error).toBeInstanceOf(Error);
    },
  );

  it("goes on after attempts that failed or got no answer", async () => {
    server.mode = "cut";
    const { socket, closes, errors } = open({ connectionTimeout: 50 });
    await eventually(() => expect(server.turnedAway).toBeGreaterThan(2));
    server.mode = "ignore";
    await eventually(() => expect(errors.at(-1)!.message).toContain("no answer within 50 ms"));
    server.mode = "accept";
    await isOpen(socket);
    expect(new Set(closes.map((close) => close.code))).toEqual(new Set([1_006]));
  });

  it("is final where the app says so", async () => {
    const asked: number[] = [];
    const { socket, closes } = open({
      shouldReconnectOnClose: ({ code }) => {
        asked.push(code);
        return code !== 1_012;
      },
    });
    await visits(1);
    server.visits[0]!.socket.terminate();
    await visits(2);
    server.visits[1]!.socket.close(1_012);
    await eventually(() => expect(closes).toHaveLength(2));
    expect(socket.shouldReconnect).toBe(false);
    expect(asked).toEqual([1_006, 1_012]);
  });

  it("connects again when told to while it is open, and closes the old connection", async () => {
    const { socket, closes } = open({ shouldReconnectOnClose: () => false });
    await isOpen(socket);
    socket.reconnect(4_000, "anew");
    await visits(2);
    await eventually(() => expect(server.visits[0]!.closeCode).toBe(4_000));
    await isOpen(socket);
    expect(closes.map(({ code, reason }) => [code, reason])).toEqual([[4_000, "anew"]]);
  });

  it("makes no further attempt once it is closed, until it is told to reconnect", async () => {
    const query = vi.fn(() => ({}));
    const { socket } = open({ query });
    await visits(1);
    socket.addEventListener("close", () => socket.close(), { once: true });
    server.visits[0]!.socket.terminate();
    await eventually(() => expect(socket.shouldReconnect).toBe(false));
    // By the time that another has connected, this one would have too.
    await isOpen(open().socket);
    expect(query).toHaveBeenCalledTimes(1);
    socket.reconnect();
    await isOpen(socket);
    expect(query).toHaveBeenCalledTimes(2);
  });

  it("does not wait out a long wait when told to reconnect", async () => {
    const { socket } = open(FOR_EVER);
    await visits(1);
    server.visits[0]!.socket.terminate();
    await eventually(() => expect(random).toHaveBeenCalled());
    socket.reconnect();
    await visits(2);
  });

  it("asks its functions anew before every attempt", async () => {
    let count = 0;
    const { socket } = open({ query: () => ({ count: ++count }), token: async () => `t${count}` });
    await visits(1);
    server.visits[0]!.socket.terminate();
    await visits(2);
    await isOpen(socket);
    expect(server.visits.map(({ query, token }) => [query.get("count"), token])).toEqual([
      ["1", "t1"],
      ["2", "t2"],
    ]);
  });

  it("says which function failed, and tries again with a wait", async () => {
    const token = vi.fn(async (): Promise<string> => {
      if (token.mock.calls.length < 3) throw new Error("no network");
      return "fresh";
    });
    const { closes, errors } = open({ token });
    await visits(1);
    expect(server.visits[0]!.token).toBe("fresh");
    expect(errors.map(({ message }) => message)).toEqual([
      "The option `token` failed: no network",
      "The option `token` failed: no network",
    ]);
    expect(errors[0]!.error.cause).toEqual(new Error("no network"));
    expect(closes).toEqual([]);
  });

  it("is not redialled in a hurry when a function fails", async () => {
    const query = vi.fn(() => {
      throw new Error("no");
    });
    const { errors, socket } = open({ ...FOR_EVER, query });
    await eventually(() => expect(errors).toHaveLength(1));
    // Were there no wait, another attempt would be asked for before an echo is back.
    await PartySocket.fetch({ host: server.host, party: "chat", room: "lobby" });
    await PartySocket.fetch({ host: server.host, party: "chat", room: "lobby" });
    expect(query).toHaveBeenCalledTimes(1);
    expect(socket.retryCount).toBe(1);
  });

  it("tells nothing of a close when a function fails after a connection was lost", async () => {
    let isBroken = false;
    const { closes, errors } = open({
      query: () => {
        if (isBroken) throw new Error("no");
        return {};
      },
    });
    await visits(1);
    isBroken = true;
    server.visits[0]!.socket.terminate();
    await eventually(() => expect(errors.length).toBeGreaterThan(2));
    expect(closes).toHaveLength(1);
    isBroken = false;
    await visits(2);
  });

  it("goes on after a function that gave no answer", async () => {
    const token = vi.fn(() =>
      token.mock.calls.length === 1 ? new Promise<string>(() => {}) : "fresh",
    );
    const { errors } = open({ token, connectionTimeout: 50 });
    await visits(1);
    expect(errors.map(({ message }) => message)).toEqual([
      "The option `token` gave no answer within 50 ms.",
    ]);
  });

  it.skipIf(lacks("standard closing"))(
    "gives up after as many retries as it was allowed",
    async () => {
      server.mode = "cut";
      const { errors } = open({ maxRetries: 2 });
      await eventually(() => expect(errors).toHaveLength(3));
      expect(server.turnedAway).toBe(3);
    },
  );
});

async function isOpen(socket: PartySocket): Promise<void> {
  await eventually(() => expect(socket.readyState).toBe(PartySocket.OPEN));
}
