import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { eventually } from "../../test/eventually";
import { isOpen, Rooms, webSocketClasses } from "../../test/rooms";
import { ScriptedSocket } from "../../test/scripted-socket";
import { PartySocket } from "../socket/party-socket";
import { ReconnectingSocket } from "./reconnecting-socket";
import type { Closed, Connecting, Waiting } from "./status";

// The client's part of docs/security.md: what a room's own tests cannot show.

describe("everyone reconnects in the same 100 ms after a deploy", () => {
  it("no 100 ms of the first second have over 15 % of the redials", async () => {
    vi.useFakeTimers();
    ScriptedSocket.made.length = 0;
    const buckets = Array<number>(10).fill(0);
    const sockets = Array.from({ length: 1_000 }, (_, seed) => {
      const options = {
        host: "localhost",
        party: "chat",
        room: "lobby",
        WebSocket: ScriptedSocket,
      };
      const onPhase = (phase: Connecting | Waiting | Closed) => {
        if (phase.state !== "waiting") return;
        const waitMs = phase.retryAtMs - Date.now();
        expect(waitMs).toBeLessThan(1_000);
        buckets[Math.floor(waitMs / 100)]! += 1;
      };
      const handlers = { onMessage: () => {}, onPhase };
      return new ReconnectingSocket(options, handlers, { random: seeded(seed) });
    });
    await vi.advanceTimersByTimeAsync(1);
    for (const socket of ScriptedSocket.made.splice(0)) {
      socket.open();
      socket.end(1_006);
    }
    for (const socket of sockets) socket.close();
    vi.useRealTimers();
    expect(buckets.reduce((sum, size) => sum + size)).toBe(1_000);
    expect(Math.max(...buckets)).toBeLessThanOrEqual(150);
  });
});

describe.each(webSocketClasses)("with $name", ({ WebSocket }) => {
  let rooms: Rooms;
  beforeEach(async () => {
    rooms = await Rooms.start();
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await rooms.stop();
  });

  describe("a refused client that asks again for ever", () => {
    it.each([4_400, 4_401, 4_403, 4_404, 4_409, 4_413, 1_008])(
      "stops after a close with %d, with a token that is always fresh",
      async (code) => {
        let tokens = 0;
        const token = () => `t${++tokens}`;
        const { room } = rooms.enter({ WebSocket, token });
        for (let number = 1; room.status.state !== "closed"; number++) {
          expect(number).toBeLessThanOrEqual(2);
          const visit = await rooms.visit(number);
          visit.socket.close(code);
          await eventually(() => {
            const hasStopped = room.status.state === "closed";
            expect(hasStopped || rooms.server.visits.length > number).toBe(true);
          });
        }
        expect(tokens).toBe(code === 4_401 ? 2 : 1);
        expect(room.status).toMatchObject({ error: { data: { closeCode: code } } });
        // By the time that another has connected, this one would have too.
        await isOpen(rooms.enter({ WebSocket }).room);
        expect(rooms.server.visits).toHaveLength(tokens + 1);
      },
    );
  });

  describe("tokens in URLs and logs", () => {
    it("a token and a key are in no URL, no log and no error", async () => {
      const console = (["log", "warn", "error", "debug", "info"] as const).map((name) =>
        vi.spyOn(globalThis.console, name).mockImplementation(() => {}),
      );
      const told: unknown[] = [];
      const socket = new PartySocket({
        host: rooms.server.host,
        party: "chat",
        room: "lobby",
        id: "ada",
        key: "KEY",
        token: () => "SECRET",
        minReconnectionDelay: 2,
        WebSocket,
      });
      for (const type of ["open", "close", "error"]) {
        socket.addEventListener(type, (event) => told.push(event));
      }
      const visit = await rooms.visit();
      expect(visit).toMatchObject({ key: "KEY", token: "SECRET" });
      visit.socket.terminate();
      await rooms.visit(2);
      socket.close();
      const { room } = await rooms.open({ WebSocket, key: "KEY", token: () => "SECRET" });
      rooms.server.visits.at(-1)!.socket.close(4_403, "forbidden");
      await eventually(() => expect(room.status.state).toBe("closed"));
      const logged = console.flatMap(({ mock }) => mock.calls);
      const urls = rooms.server.visits.map(({ path, query }) => `${path}?${query}`);
      const everything = [...urls, socket.url, ...logged, ...told, room.status].map(textOf).join();
      expect(everything).toContain("_pk=ada");
      expect(everything).not.toMatch(/KEY|SECRET|U0VDUkVU/);
    });
  });
});

/** Everything that can be read of a value, an error's message included. */
function textOf(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    part instanceof Error || part instanceof Event
      ? Object.fromEntries(
          ["message", "code", "reason", "data", "error", "cause"].map((name) => [
            name,
            Reflect.get(part, name) as unknown,
          ]),
        )
      : part,
  );
}

/** Chance that a seed repeats: a linear congruence, stirred until neighbouring seeds differ. */
function seeded(seed: number): () => number {
  let state = seed;
  const step = () => (state = (Math.imul(state ^ (state >>> 16), 1_664_525) + 1_013_904_223) | 0);
  for (let round = 0; round < 8; round++) step();
  return () => (step() >>> 0) / 2 ** 32;
}
