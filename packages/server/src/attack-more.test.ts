import { runInDurableObject } from "cloudflare:test";
import { expect, it, vi } from "vitest";
import { DeathWatch } from "./connections/death-watch";
import type { RoomConnection } from "./connections/room-connection";
import { eventsIn, FramedClient } from "../test/framed-client";
import { openDurableRoom } from "../test/rooms";

it.each([
  ["a revoked proxy", () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  }],
  ["an object whose code throws", () => ({ get code() { throw new Error("code"); } })],
])("ATTACK: a handler that throws %s does not end its connection's queue", async (_what, make) => {
  const room = openDurableRoom("IN_MEMORY_DURABLE", {
    ask(_party, _from, input) {
      if (input === "odd") throw make();
      return "fine";
    },
    onError: () => {},
  });
  const ada = await FramedClient.join(room);
  await ada.socket.sendFrame("$call", 1, "ask", "odd");
  await ada.socket.sendFrame("$call", 2, "ask", "even");
  await vi
    .waitFor(() => expect(ada.socket.received.length).toBeGreaterThanOrEqual(3), { timeout: 3_000 })
    .catch(() => {});
  expect(ada.socket.received.slice(1).map(String).map((text) => text.slice(0, 10))).toEqual([
    '["$fail",1',
    '["$reply",',
  ]);
});

it.each([Infinity, 30 * 86_400_000])(
  "ATTACK: deadAfterMs of %d makes no timer that runs hot",
  async (deadAfterMs) => {
    let looks = 0;
    const connection = {
      isTaken: true,
      seenAtMs: null,
      wasNeverTaken: () => {
        looks += 1;
        return false;
      },
      vanish() {},
    } as unknown as RoomConnection;
    const watch = new DeathWatch({
      connections: () => [connection],
      pingedAtMs: () => Date.now(),
      deadAfterMs,
      mayWait: true,
    });
    watch.start();
    await scheduler.wait(500);
    watch.stop();
    expect(looks).toBe(0);
  },
);

it("ATTACK: no offset means two events: the platform's async transaction, rolled back, then a sleep", async () => {
  const room = openDurableRoom("HIBERNATING_DURABLE");
  const ada = await FramedClient.join(room);
  await runInDurableObject(room.stub, async (party) => {
    party.emit("said", "first");
    await party.storage
      .transaction(async () => {
        party.emit("said", "ghost");
        await scheduler.wait(5);
        throw new Error("rolled back");
      })
      .catch(() => {});
  });
  await room.sleep();
  await runInDurableObject(room.stub, (party) => party.emit("said", "real"));
  const events = eventsIn(await ada.received());
  expect(new Set(events.map(([, , offset]) => offset)).size, JSON.stringify(events)).toBe(
    events.length,
  );
});

it("ATTACK: $history of what others may see: how long one message stops the room", async () => {
  const room = openDurableRoom("HIBERNATING_DURABLE", { ask: () => "echo" });
  const ada = await FramedClient.join(room, { id: "ada" });
  await runInDurableObject(room.stub, (party) => {
    for (let n = 0; n < 1_000; n += 1) {
      party.emit("said", "x".repeat(8_000), { clients: ["somebody else"] });
    }
  });
  const costs: string[] = [];
  for (const count of [1, 32, 128]) {
    const frames = Array.from({ length: count }, (_, id) => `["$call",${id},"$history",{}]`);
    const before = ada.socket.received.length;
    const began = performance.now();
    await ada.socket.send(frames.join("\n"));
    await vi.waitFor(() => expect(ada.socket.received.length).toBeGreaterThanOrEqual(before + count), {
      timeout: 60_000,
    });
    costs.push(`${count} frames, ${frames.join("\n").length} bytes: ${Math.round(performance.now() - began)} ms`);
  }
  console.log(costs.join("\n"));
  expect(costs).toEqual([]);
}, 100_000);

it("ATTACK: a wake reads 30 rows at most, whatever keepEvents is", async () => {
  const room = openDurableRoom("HIBERNATING_DURABLE", {
    history: { keepEvents: 100_000, keepMs: 1e12, keepBytes: 1e12, onJoin: 100_000 },
  });
  await runInDurableObject(room.stub, (party, { storage }) => {
    party.emit("said", 1);
    storage.sql.exec(
      `WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 99999)
       INSERT INTO partyflare_history SELECT i, i, ${Date.now()}, 10, 10 * i, 'aaaaaaaa', 'aaaaaaaa', 'said', '{"clients":["x"]}', '["said",1]' FROM n`,
    );
  });
  await room.sleep();
  const { rows } = await runInDurableObject(room.stub, async (party, { storage }) => {
    let rows = 0;
    const { sql } = storage;
    const exec = sql.exec.bind(sql);
    const spy = vi.spyOn(Object.getPrototypeOf(sql) as SqlStorage, "exec").mockImplementation(((query: string, ...values: unknown[]) => {
      const cursor = exec(query, ...(values as []));
      const array = cursor.toArray();
      rows += cursor.rowsRead;
      return { toArray: () => array, [Symbol.iterator]: () => array[Symbol.iterator](), one: () => array[0] };
    }) as never);
    party.emit("said", 2);
    await Promise.resolve();
    spy.mockRestore();
    return { rows };
  }).catch((error: unknown) => ({ rows: String(error) }));
  console.log("rows of the first durable event after a wake:", rows);
  expect(rows).toBeLessThanOrEqual(30);
}, 60_000);
