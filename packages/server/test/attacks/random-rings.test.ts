import { runInDurableObject } from "cloudflare:test";
import { expect, it, vi } from "vitest";
import { cases } from "../../../../harness/scale";
import type { DurableRoom } from "../durable-party";
import { durableScripts } from "../durable-party";
import { eventsIn, FramedClient, silentGaps } from "../framed-client";
import { openDurableRoom, openTypedRoom } from "../rooms";
import { seeded } from "../seeded";

it.each(Array.from({ length: cases(15) }, (_, seed) => seed))(
  "a random ring gives each client all, or tells it of the gap: seed %i",
  async (seed) => {
    const below = seeded(seed + 1);
    const keepEvents = [1, 2, 3, 7, 20][below(5)] ?? 5;
    const keepBytes = [1, 40, 100, 1_000, 1e9][below(5)] ?? 5;
    const script = { history: { keepEvents, keepBytes, keepMs: 1e9 }, onError: () => {} };
    const room = openDurableRoom("HIBERNATING_DURABLE", script);
    const ada = await FramedClient.join(room);
    const log: string[] = [];
    let count = 0;
    const data = () => `${(count += 1)}:${"x".repeat(below(60))}`;
    const emit = (party: DurableRoom) => party.emit("said", data());
    for (let step = 0; step < 25; step += 1) {
      const what = below(9);
      log.push(String(what));
      if (what < 3) await runInDurableObject(room.stub, (party) => emit(party));
      else if (what === 3)
        await runInDurableObject(room.stub, (party) => {
          try {
            party.transact(() => {
              emit(party);
              emit(party);
              throw new Error("x");
            });
          } catch {}
          if (below(2)) emit(party);
        });
      else if (what === 4)
        await runInDurableObject(room.stub, (party) => {
          if (below(2)) emit(party);
          try {
            party.transactByPlatform(() => {
              for (let n = below(5); n >= 0; n -= 1) emit(party);
              throw new Error("x");
            });
          } catch {}
          if (below(2)) emit(party);
        });
      else if (what === 5)
        await runInDurableObject(room.stub, (party) =>
          party.transact(() => {
            emit(party);
            try {
              party.transact(() => {
                emit(party);
                throw new Error("x");
              });
            } catch {}
            emit(party);
          }),
        );
      else if (what === 6) await room.sleep();
      else if (what === 7) {
        const next = [1, 2, 3, 7, 20][below(5)] ?? 5;
        durableScripts.set(room.name, {
          ...script,
          history: { ...script.history, keepEvents: next },
        });
        await room.sleep();
      } else
        await runInDurableObject(room.stub, (_party, { storage }) =>
          below(3) ? undefined : storage.deleteAll(),
        );
      const rows = await runInDurableObject(room.stub, (party, { storage }) => {
        void party.history.head;
        return storage.sql
          .exec<{ offset: number; bytes: number; frame: string; name: string }>(
            `SELECT offset, bytes, frame, name FROM partyflare_history ORDER BY offset`,
          )
          .toArray();
      });
      const sum = rows.reduce((total, { bytes }) => total + bytes, 0);
      expect(
        rows.length === 1 || sum <= keepBytes,
        `${log.join()} bytes ${sum} of ${keepBytes} rows ${rows.length}`,
      ).toBe(true);
      rows.forEach(({ offset }, index) =>
        expect(offset, log.join()).toBe((rows[0]?.offset ?? 0) + index),
      );
    }
    const frames = await ada.received();
    expect(silentGaps(ada.hello, frames), log.join()).toEqual([]);
    // No offset of one epoch twice.
    let seen = new Set<number>();
    for (const frame of frames) {
      if (frame[0] === "$history") seen = new Set();
      const [event] = eventsIn([frame]);
      if (!event) continue;
      expect(seen.has(event[2]), log.join()).toBe(false);
      seen.add(event[2]);
    }
  },
);

it.each(Array.from({ length: cases(15) }, (_, seed) => seed))(
  "random frames are answered in their order: seed %i",
  async (seed) => {
    const below = seeded(seed + 77);
    const room = openTypedRoom(seed % 2 ? "BATCHED" : "BATCHED_IN_MEMORY", {});
    const socket = await room.connect("?_pk=ada", ["partyflare.1"]);
    await socket.next();
    const expected: string[] = [];
    let isOpen = true;
    let count = 0;
    const log: string[] = [];
    await runInDurableObject(room.stub, async (party) => {
      const connection = party.getConnection("ada");
      if (!connection) throw new Error("not there");
      const send = (sent: string[]) => {
        count += 1;
        const how = below(5);
        log.push(`send${how}`);
        if (how === 0) party.emit("anything", count);
        else if (how === 1) connection.emit("anything", count);
        else if (how === 2) connection.send(String(count));
        else if (how === 3) party.broadcast(String(count));
        else connection.send(Uint8Array.from(new TextEncoder().encode(String(count))));
        if (isOpen) sent.push(String(count));
      };
      const close = () => {
        log.push("close");
        connection.close(4000);
        isOpen = false;
      };
      for (let step = 0; step < 14; step += 1) {
        const what = below(10);
        if (what < 4) send(expected);
        else if (what < 8) {
          const sent: string[] = [];
          const fails = below(2);
          log.push(`tx${fails}`);
          try {
            party.transactionSync(() => {
              for (let n = below(4); n > 0; n -= 1) send(sent);
              if (below(3) === 0) {
                const inner: string[] = [];
                const innerFails = below(2);
                try {
                  party.transactionSync(() => {
                    send(inner);
                    if (below(4) === 0) close();
                    send(inner);
                    if (innerFails) throw new Error("inner");
                  });
                } catch {}
                if (!innerFails) sent.push(...inner);
              }
              if (below(10) === 0) close();
              send(sent);
              if (fails) throw new Error("x");
            });
          } catch {}
          if (!fails) expected.push(...sent);
        } else if (what === 8) await scheduler.wait(below(2) * 30);
        else if (below(8) === 0) close();
      }
      if (isOpen) close();
    });
    await socket.closed();
    const got = socket.received.slice(1).flatMap((message) =>
      typeof message === "string"
        ? message.split("\n").map((text) => {
            const [name, value] = JSON.parse(text) as [string, unknown];
            return name === "$close" ? "close" : String(value);
          })
        : [new TextDecoder().decode(message)],
    );
    expect(got, log.join()).toEqual([...expected, "close"]);
    vi.restoreAllMocks();
  },
);
