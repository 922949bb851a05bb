import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventually } from "../../test/eventually";
import { lacks } from "../../test/platform";
import { send } from "../../test/room-server";
import { SlowLink } from "../../test/slow-link";
import { FOR_EVER, isOpen, Rooms, webSocketClasses } from "../../test/rooms";
import { PartySocket } from "../socket/party-socket";
import { heartbeat } from "./heartbeat";

/** A pong of a busy machine may take long: a shorter deadline would end connections that live. */
const QUICK = { pingEveryMs: 20, pongWithinMs: 500, probeWithinMs: 500 };

describe.each(webSocketClasses)("a room that answers no more, with $name", ({ WebSocket }) => {
  let rooms: Rooms;
  beforeEach(async () => {
    rooms = await Rooms.start();
  });
  afterEach(() => rooms.stop());

  it("is asked for signs of life, and left when it gives none", async () => {
    const { room, statuses, visit } = await rooms.open({ WebSocket }, QUICK);
    await eventually(() => expect(visit.pings).toBeGreaterThan(2));
    expect(statuses.map(({ state }) => state)).toEqual(["open"]);
    // From here on its network takes in nothing, closes nothing and says nothing.
    visit.socket.pause();
    await rooms.visit(2);
    await isOpen(room);
    expect(statuses[1]).toMatchObject({ state: "waiting", error: { code: "timeout" } });
    expect(visit.closeCode).toBeUndefined();
  });

  it.skipIf(lacks("servers"))("is not left while its pongs come behind a slow upload", async () => {
    const link = await SlowLink.to(rooms.server.host);
    const { room, visit } = await rooms.open({ WebSocket, host: link.host }, QUICK);
    // 2 s of the link, and four times as much as a pong may take.
    room.sendBinary(new Uint8Array(80_000));
    await eventually(() => expect(visit.received).toHaveLength(1));
    const { pings } = visit;
    await eventually(() => expect(visit.pings).toBeGreaterThan(pings + 2));
    expect(room.status.state).toBe("open");
    expect(rooms.server.visits).toHaveLength(1);
    link.close();
  });

  it("is left by a raw socket too, which tells nobody of the answers", async () => {
    const heard: unknown[] = [];
    const socket = new PartySocket(
      {
        host: rooms.server.host,
        party: "chat",
        room: "lobby",
        minReconnectionDelay: 2,
        heartbeat: heartbeat(),
        WebSocket,
      },
      QUICK,
    );
    socket.addEventListener("message", ({ data }) => heard.push(data));
    const visit = await rooms.visit();
    await eventually(() => expect(visit.pings).toBeGreaterThan(2));
    rooms.server.answersPings = false;
    await rooms.visit(2);
    socket.close();
    expect(heard).toEqual([]);
  });

  it.each([
    ["for good", false, "closed"],
    ["for now", true, "waiting"],
  ])("after its $close is left at once, %s, though its TCP lingers", async (_how, retry, state) => {
    const { room, visit } = await rooms.open({ WebSocket, ...FOR_EVER });
    send(visit, ["$close", { code: 4_403, reason: "banned", retry }]);
    // It never reads our Close frame, so that no handshake completes and no close event comes.
    visit.socket.pause();
    await eventually(() => expect(room.status.state).toBe(state));
    expect(room.status).toMatchObject({ error: { code: "banned" } });
    expect(visit.closeCode).toBeUndefined();
    room.reconnect();
    await isOpen(room);
    expect(rooms.server.visits).toHaveLength(2);
    expect(visit.closeCode).toBeUndefined();
  });

  it("never says hello, and counts as one that has not answered", async () => {
    rooms.server.saysHello = false;
    const { statuses } = rooms.enter({ WebSocket, connectionTimeout: 40 });
    await rooms.visit(3);
    expect(statuses.slice(0, 3)).toMatchObject([
      { state: "waiting", attempt: 1, error: { code: "timeout" } },
      { state: "connecting", attempt: 1 },
      { state: "waiting", attempt: 2, error: { code: "timeout" } },
    ]);
  });
});

describe("why a room is waited for", () => {
  let rooms: Rooms;
  beforeEach(async () => {
    rooms = await Rooms.start();
  });
  afterEach(() => rooms.stop());

  const failing = () => {
    throw new Error("no network");
  };
  const hanging = () => new Promise<never>(() => {});

  it.each([
    ["token", failing, "disconnected", "The option `token` failed: no network"],
    ["query", failing, "disconnected", "The option `query` failed: no network"],
    ["token", hanging, "timeout", "The option `token` gave no answer within 40 ms."],
    ["query", hanging, "timeout", "The option `query` gave no answer within 40 ms."],
  ])("is the option `%s` that fails or hangs", async (option, provider, code, message) => {
    const { room, statuses } = rooms.enter({ [option]: provider, connectionTimeout: 40 });
    await eventually(() => expect(statuses.length).toBeGreaterThanOrEqual(3));
    expect(statuses.slice(0, 3)).toMatchObject([
      { state: "waiting", attempt: 1, error: { code, message } },
      { state: "connecting", attempt: 1 },
      { state: "waiting", attempt: 2, error: { code, message } },
    ]);
    room.close();
    expect(rooms.server.visits).toHaveLength(0);
  });

  it("is what the option threw, as the cause", async () => {
    const cause = new Error("no network");
    const { room } = rooms.enter({ token: () => Promise.reject(cause), ...FOR_EVER });
    await eventually(() => expect(room.status).toMatchObject({ error: { cause } }));
  });

  it.each([
    ["cut", "disconnected", "disconnected"],
    ["ignore", "timeout", "The room gave no answer within 100 ms."],
  ] as const)("is an attempt that was met with %s", async (mode, code, message) => {
    rooms.server.mode = mode;
    const { room } = rooms.enter({ connectionTimeout: 100, ...FOR_EVER });
    await eventually(() => expect(room.status).toMatchObject({ error: { code, message } }));
  });

  it.each([
    [4_503, "room_full", "room_full"],
    [1_013, "", "disconnected"],
    [1_012, "restart", "disconnected"],
    [1_011, "", "internal"],
  ])("is a close with %d %j: %s", async (closeCode, reason, code) => {
    const { room, visit } = await rooms.open(FOR_EVER);
    visit.socket.close(closeCode, reason);
    await eventually(() => expect(room.status.state).toBe("waiting"));
    expect(room.status).toMatchObject({ error: { code, data: { closeCode, reason } } });
  });

  it("is an app's own refusal that names a wait", async () => {
    const { room, visit } = await rooms.open(FOR_EVER);
    const close = { code: 1_013, reason: "paused", retry: true, retryAfterMs: 1_000 };
    send(visit, ["$close", close]);
    await eventually(() => expect(room.status.state).toBe("waiting"));
    expect(room.status).toMatchObject({ error: { code: "paused", retryAfterMs: 1_000 } });
  });
});
