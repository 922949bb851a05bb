import { PartyError } from "@partyflare/shared";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { eventually } from "../../test/eventually";
import { send } from "../../test/room-server";
import { failureOf, FOR_EVER, isOpen, Rooms, webSocketClasses } from "../../test/rooms";
import { closeError } from "./status";

const close = (code: number, reason: string, retry: boolean, retryAfterMs?: number) => [
  "$close",
  { code, reason, retry, retryAfterMs },
];

describe.each(webSocketClasses)("a room's status, with $name", ({ WebSocket }) => {
  let rooms: Rooms;
  beforeEach(async () => {
    rooms = await Rooms.start();
  });
  afterEach(() => rooms.stop());

  it("goes from attempt to attempt, and is the same object until it changes", async () => {
    rooms.server.mode = "cut";
    const { room, statuses } = rooms.enter({ WebSocket });
    expect(room.status).toEqual({ state: "connecting", attempt: 0 });
    expect(room.status).toBe(room.status);
    const from = Date.now();
    await eventually(() => expect(statuses.length).toBeGreaterThanOrEqual(3));
    rooms.server.mode = "accept";
    await isOpen(room);
    expect(statuses.slice(0, 3)).toEqual([
      {
        state: "waiting",
        attempt: 1,
        retryAtMs: expect.any(Number),
        error: expect.any(PartyError),
      },
      { state: "connecting", attempt: 1 },
      {
        state: "waiting",
        attempt: 2,
        retryAtMs: expect.any(Number),
        error: expect.any(PartyError),
      },
    ]);
    const [first] = statuses;
    if (first?.state !== "waiting") throw new Error("unreachable");
    expect(first.retryAtMs).toBeGreaterThanOrEqual(from);
    expect(first.retryAtMs).toBeLessThanOrEqual(Date.now() + 20);
    expect(statuses.at(-1)).toEqual({ state: "open", id: room.id });
  });

  it("is waiting as soon as the connection is lost", async () => {
    const { room, visit } = await rooms.open({ WebSocket, ...FOR_EVER });
    const call = failureOf(room.call("count"));
    visit.socket.terminate();
    await call;
    expect(room.status).toMatchObject({ state: "waiting", attempt: 1 });
  });

  it.each([
    [4_401, "unauthorized", "unauthorized"],
    [4_403, "banned", "banned"],
    [4_409, "", "superseded"],
    [4_000, "kicked", "disconnected"],
  ])("is closed after a final close with %d %j, with the error %s", async (code, reason, error) => {
    const { room, visit } = await rooms.open({ WebSocket });
    visit.socket.close(code, reason);
    await eventually(() => expect(room.status.state).toBe("closed"));
    expect(room.status).toMatchObject({ error: { code: error } });
  });

  it("is closed without an error after 1000, and after its own close", async () => {
    const { room, statuses, visit } = await rooms.open({ WebSocket });
    visit.socket.close(1_000);
    await eventually(() => expect(room.status).toEqual({ state: "closed" }));
    room.reconnect();
    await isOpen(room);
    room.close();
    room.close();
    expect(statuses.slice(-4)).toEqual([
      { state: "closed" },
      { state: "connecting", attempt: 0 },
      { state: "open", id: room.id },
      { state: "closed" },
    ]);
  });

  it("acts on $close at once, without a close event", async () => {
    const { room, visit } = await rooms.open({ WebSocket });
    const call = failureOf(room.call("count"));
    const events = room.events("said");
    send(visit, close(4_403, "banned", false), ["said", { text: "too late" }]);
    await eventually(() => expect(room.status.state).toBe("closed"));
    const error = new PartyError("banned", { data: { closeCode: 4_403, reason: "banned" } });
    expect(room.status).toEqual({ state: "closed", error });
    expect(await call).toMatchObject({ code: "disconnected" });
    expect(await events.next()).toEqual({ value: undefined, done: true });
    await eventually(() => expect(visit.closeCode).toBe(1_000));
    expect(rooms.server.visits).toHaveLength(1);
  });

  it("comes back after a $close that says so, whatever its code", async () => {
    const { room, statuses, visit } = await rooms.open({ WebSocket });
    const call = failureOf(room.call("count"));
    const heard = vi.fn();
    room.on("said", heard);
    send(visit, close(4_000, "moved", true), ["said", { text: "too late" }]);
    expect(await call).toMatchObject({ code: "disconnected" });
    await rooms.visit(2);
    await isOpen(room);
    expect(statuses).toEqual([
      { state: "open", id: room.id },
      {
        state: "waiting",
        attempt: 1,
        retryAtMs: expect.any(Number),
        error: expect.any(PartyError),
      },
      { state: "connecting", attempt: 1 },
      { state: "open", id: room.id },
    ]);
    expect(heard).not.toHaveBeenCalled();
    await eventually(() => expect(visit.closeCode).toBe(1_000));
  });

  it("stays away after a $close that says so, whatever its code", async () => {
    const { room, visit } = await rooms.open({ WebSocket });
    send(visit, close(1_012, "", false));
    visit.socket.close(1_012);
    await eventually(() => expect(room.status.state).toBe("closed"));
    await eventually(() => expect(visit.closeCode).toBeDefined());
    expect(rooms.server.visits).toHaveLength(1);
  });

  it("waits as long as $close asks", async () => {
    const { room, visit } = await rooms.open({ WebSocket });
    const from = Date.now();
    send(visit, close(1_013, "busy", true, 3_600_000));
    await eventually(() => expect(room.status.state).toBe("waiting"));
    if (room.status.state !== "waiting") throw new Error("unreachable");
    expect(room.status.retryAtMs).toBeGreaterThanOrEqual(from + 3_600_000);
    expect(room.status.retryAtMs).toBeLessThanOrEqual(Date.now() + 3_600_020);
    room.reconnect();
    await isOpen(room);
  });

  it("waits ever longer where each connection is closed at once", async () => {
    rooms.server.saysHello = false;
    const { statuses } = rooms.enter({ WebSocket });
    for (const number of [1, 2, 3]) send(await rooms.visit(number), close(1_012, "", true));
    await rooms.visit(4);
    const attempts = statuses.map((status) => "attempt" in status && status.attempt);
    expect(attempts).toEqual([1, 1, 2, 2, 3, 3]);
  });

  it("stays closed when a listener closes the room while it is being left", async () => {
    const { room, visit } = await rooms.open({ WebSocket });
    room.onStatus(({ state }) => state === "waiting" && room.close());
    send(visit, close(1_012, "", true));
    await eventually(() => expect(room.status.state).toBe("closed"));
    // By the time that another has connected, this one would have too.
    await rooms.open({ WebSocket });
    expect(rooms.server.visits).toHaveLength(2);
    expect(room.status.state).toBe("closed");
  });

  it.each(["$close", "room.close()"])(
    "may be left closed by %s and entered at once by a listener",
    async (by) => {
      const { room, statuses, visit } = await rooms.open({ WebSocket });
      const stop = room.onStatus(({ state }) => state === "closed" && room.reconnect());
      const last = vi.fn();
      room.onStatus(last);
      if (by === "$close") send(visit, close(4_401, "unauthorized", false));
      else room.close();
      await rooms.visit(2);
      await isOpen(room);
      expect(statuses.map(({ state }) => state)).toEqual(["open", "closed", "connecting", "open"]);
      // It was told of nothing that was over by then.
      expect(last.mock.calls.map(([{ state }]) => state)).toEqual(["connecting", "open"]);
      stop();
    },
  );

  it("connects anew when it is told to while open, and calls are lost", async () => {
    const { room, visit } = await rooms.open({ WebSocket });
    const call = failureOf(room.call("count"));
    room.reconnect();
    expect(room.status).toEqual({ state: "connecting", attempt: 0 });
    expect(await call).toMatchObject({ code: "disconnected" });
    await isOpen(room);
    expect(rooms.server.visits).toHaveLength(2);
    await eventually(() => expect(visit.closeCode).toBe(1_000));
  });
});

describe("the error of a final close", () => {
  it.each([
    [1_000, "", undefined],
    [4_400, "unknown_event", "unknown_event"],
    [4_400, "", "bad_frame"],
    [4_404, "not_found", "not_found"],
    [4_403, "", "forbidden"],
    [4_403, "banned", "banned"],
    [4_401, "banned", "unauthorized"],
    [1_008, "policy", "disconnected"],
    [4_999, "", "disconnected"],
  ])("%d %j is %s", (closeCode, reason, code) => {
    const error = closeError(closeCode, reason);
    expect(error?.code).toBe(code);
    if (error) expect(error.data).toEqual({ closeCode, reason });
  });

  it("says what the room said, where its code does not", () => {
    expect(closeError(4_000, "You were kicked.")?.message).toBe("You were kicked.");
    expect(closeError(4_401, "")?.message).toBe("unauthorized");
  });
});
