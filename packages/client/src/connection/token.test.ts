import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { eventually } from "../../test/eventually";
import { send, type Visit } from "../../test/room-server";
import { isOpen, Rooms, webSocketClasses } from "../../test/rooms";
import { PartySocket } from "../socket/party-socket";

describe.each(webSocketClasses)("a token, with $name", ({ WebSocket }) => {
  let rooms: Rooms;
  let count: number;
  /** t1, t2, t3 … */
  const token = vi.fn(async () => `t${++count}`);
  beforeEach(async () => {
    token.mockClear();
    count = 0;
    rooms = await Rooms.start();
  });
  afterEach(() => rooms.stop());

  const refusals: [by: string, refuse: (visit: Visit) => void][] = [
    ["a close with 4401", ({ socket }) => socket.close(4_401, "unauthorized")],
    [
      "$close with 4401",
      (visit) => send(visit, ["$close", { code: 4401, reason: "unauthorized", retry: false }]),
    ],
  ];

  describe.each(refusals)("that is refused by %s", (_by, refuse) => {
    it("is asked for once more, and then the refusal is final", async () => {
      rooms.server.saysHello = false;
      const { room, statuses } = rooms.enter({ WebSocket, token });
      refuse(await rooms.visit(1));
      refuse(await rooms.visit(2));
      await eventually(() => expect(room.status.state).toBe("closed"));
      expect(room.status).toMatchObject({ error: { code: "unauthorized" } });
      expect(statuses).toMatchObject([
        { state: "waiting", attempt: 1, error: { code: "unauthorized" } },
        { state: "connecting", attempt: 1 },
        { state: "closed" },
      ]);
      expect(rooms.server.visits.map((visit) => visit.token)).toEqual(["t1", "t2"]);
    });

    it("while the connection is open, lets it come back with a fresh one by itself", async () => {
      const { room, visit } = await rooms.open({ WebSocket, token, minUptime: 0 });
      refuse(visit);
      refuse(await rooms.visit(2));
      const third = await rooms.visit(3);
      await isOpen(room);
      expect(third.token).toBe("t3");
    });

    it("at once after another refusal does not, however often it is let in between", async () => {
      const { room, visit } = await rooms.open({ WebSocket, token, minUptime: 1e9 });
      refuse(visit);
      refuse(await rooms.visit(2));
      await eventually(() => expect(room.status.state).toBe("closed"));
      expect(token).toHaveBeenCalledTimes(2);
    });

    it("may be asked for again when the app says so", async () => {
      rooms.server.saysHello = false;
      const { room } = rooms.enter({ WebSocket, token });
      for (const number of [1, 2]) refuse(await rooms.visit(number));
      await eventually(() => expect(room.status.state).toBe("closed"));
      room.reconnect();
      for (const number of [3, 4]) refuse(await rooms.visit(number));
      await eventually(() => expect(room.status.state).toBe("closed"));
      expect(token).toHaveBeenCalledTimes(4);
    });

    it.each([undefined, "constant"])("is final at once where it is %s", async (constant) => {
      const { room } = rooms.enter({ WebSocket, token: constant });
      refuse(await rooms.visit());
      await eventually(() => expect(room.status.state).toBe("closed"));
      expect(rooms.server.visits).toHaveLength(1);
    });
  });

  it("is asked for once more by a raw socket too, and the app is told of each close", async () => {
    const socket = new PartySocket({
      host: rooms.server.host,
      party: "chat",
      room: "lobby",
      minReconnectionDelay: 2,
      WebSocket,
      token,
    });
    const codes: number[] = [];
    socket.addEventListener("close", ({ code }) => codes.push(code));
    for (const number of [1, 2]) (await rooms.visit(number)).socket.close(4_401);
    await eventually(() => expect(codes).toEqual([4_401, 4_401]));
    expect(socket.shouldReconnect).toBe(false);
    expect(token).toHaveBeenCalledTimes(2);
  });

  it("is not asked for again after another final close", async () => {
    const { room } = rooms.enter({ WebSocket, token });
    (await rooms.visit()).socket.close(4_403);
    await eventually(() => expect(room.status.state).toBe("closed"));
    expect(token).toHaveBeenCalledTimes(1);
  });
});
