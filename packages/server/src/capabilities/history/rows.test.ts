import { runInDurableObject } from "cloudflare:test";
import { PartyError, randomKey } from "@partyflare/shared";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cases } from "../../../../../harness/scale";
import type { DurableRoom } from "../../../test/durable-party";
import { operation } from "../../../test/once-call";
import { type HelloHistory, positionQuery } from "../../../test/positions";
import { openDurableRoom, type TestRoom } from "../../../test/rooms";
import { type RowsRead, watchRows } from "../../../test/rows-read";

const FRAMED = ["partyflare.1"];

/** What a wake may read, whatever `keepEvents` is. A scan of 1,000 rows costs as much as 7 requests. */
const ROWS_PER_WAKE = 30;

const RINGS = [10, 300].flatMap((keepEvents) => {
  const bytes = Math.ceil(keepEvents * 0.4) * 30;
  const large = "x".repeat(bytes);
  return [
    { ring: "empty", keepEvents, events: [] },
    { ring: "with one event", keepEvents, events: ["x"] },
    { ring: "partly filled", keepEvents, events: many(keepEvents * 0.7) },
    { ring: "one short of full", keepEvents, events: many(keepEvents - 1) },
    { ring: "full", keepEvents, events: many(keepEvents) },
    { ring: "wrapped by one", keepEvents, events: many(keepEvents + 1) },
    { ring: "wrapped", keepEvents, events: many(keepEvents * 1.3) },
    { ring: "wrapped twice, to the slot", keepEvents, events: many(keepEvents * 2) },
    { ring: "trimmed by bytes", keepEvents, bytes, events: many(keepEvents * 0.9, "123456789012") },
    { ring: "trimmed and wrapped", keepEvents, bytes, events: many(keepEvents * 1.7, "12345678") },
    {
      ring: "emptied by one large event",
      keepEvents,
      bytes,
      events: [...many(keepEvents * 1.2), large, "x"],
    },
  ];
});

function many(count: number, text = "x"): string[] {
  return Array<string>(Math.floor(count)).fill(text);
}

/** A room that is asleep, whose ring is filled. */
async function asleep({ keepEvents, bytes, events }: Omit<(typeof RINGS)[number], "ring">) {
  const keepBytes = bytes ?? 64 * 1_024 * 1_024;
  const history = { keepEvents, keepBytes, keepMs: 3_600_000 };
  const room = openDurableRoom("HIBERNATING_DURABLE", { history });
  const kept = await runInDurableObject(room.stub, (party) => {
    for (const text of events) party.emit("said", text);
    return keptBy(party);
  });
  await room.sleep();
  return { room, kept };
}

/** Everything that a room keeps: its offsets, in order. */
function keptBy(party: DurableRoom): number[] {
  const offsets: number[] = [];
  for (let before = Infinity; ; before = offsets[0] ?? 0) {
    const page = party.history.read({ before, limit: 1_000 });
    if (page.length === 0) return offsets;
    offsets.unshift(...page.map(({ offset }) => offset));
  }
}

function expectFew({ rows, statements }: RowsRead, most = ROWS_PER_WAKE) {
  expect(rows, statements.join("\n")).toBeLessThanOrEqual(most);
}

/** A client that has a position, and has left again. */
async function visit(room: TestRoom<DurableRoom>, query = ""): Promise<HelloHistory> {
  const socket = await room.connect(query, FRAMED);
  const [hello = ""] = String(await socket.next()).split("\n");
  const [, { history }] = JSON.parse(hello) as [string, { history: HelloHistory }];
  await socket.close(1000);
  await socket.closed();
  return history;
}

describe.each(RINGS)("a wake with a ring of $keepEvents that is $ring", (ring) => {
  it("reads a few rows for its first durable event, and forgets nothing of what it keeps", async () => {
    const { room, kept } = await asleep(ring);
    const read = await watchRows(room.stub);
    await room.sleep();
    read();
    await runInDurableObject(room.stub, (party) => party.emit("bell"));
    expectFew(read());
    const after = await runInDurableObject(room.stub, (party) => keptBy(party));
    const head = ring.events.length + 1;
    expect(after.at(-1)).toBe(head);
    // One more has come, and pushed none out but the oldest.
    const expected = [...kept, head].slice(-after.length);
    expect(after).toEqual(expected);
    expect(after.length).toBeGreaterThanOrEqual(Math.min(kept.length, ring.keepEvents - 1));
  });

  it("reads a few rows to greet a client, and one that comes back to where it was", async () => {
    const { room } = await asleep(ring);
    const read = await watchRows(room.stub);
    await room.sleep();
    read();
    const hello = await visit(room);
    expect(hello.offset).toBe(ring.events.length);
    expectFew(read());
    await room.sleep();
    expect(await visit(room, `?${positionQuery(hello)}`)).toMatchObject({ recovered: true });
    expectFew(read());
  });
});

describe("a wake", () => {
  it("reads a few rows and those that it sends, for a client that was away", async () => {
    const ring = { keepEvents: 1_000, bytes: undefined, events: many(1_300) };
    const { room } = await asleep(ring);
    const hello = await visit(room);
    await runInDurableObject(room.stub, (party) => {
      for (let count = 0; count < 10; count += 1) party.emit("said", "missed");
    });
    const read = await watchRows(room.stub);
    await room.sleep();
    read();
    expect(await visit(room, `?${positionQuery(hello)}`)).toMatchObject({ recovered: true });
    expectFew(read(), ROWS_PER_WAKE + 10);
  });

  it("reads no row for a room of which nobody wants anything durable", async () => {
    const { room } = await asleep({ keepEvents: 1_000, bytes: undefined, events: many(1_000) });
    const read = await watchRows(room.stub);
    await room.sleep();
    read();
    await runInDurableObject(room.stub, (party) => party.emit("passing", "x"));
    expectFew(read(), 0);
  });

  it("keeps a suffix of what was emitted, whatever is emitted and whenever it sleeps", async () => {
    const steps = fc.array(
      fc.oneof(
        { weight: 5, arbitrary: fc.integer({ min: 0, max: 90 }).map((size) => "x".repeat(size)) },
        { weight: 1, arbitrary: fc.constant("sleep" as const) },
      ),
      { maxLength: 60 },
    );
    const rings = fc.record({
      keepEvents: fc.integer({ min: 1, max: 12 }),
      keepBytes: fc.nat(600),
    });
    await fc.assert(
      fc.asyncProperty(rings, steps, async ({ keepEvents, keepBytes }, program) => {
        const history = { keepEvents, keepBytes: keepBytes + 1, keepMs: 3_600_000 };
        const room = openDurableRoom("HIBERNATING_DURABLE", { history });
        let head = 0;
        let least = 0;
        for (const step of program) {
          if (step === "sleep") await room.sleep();
          else {
            head += 1;
            const before = least;
            await runInDurableObject(room.stub, (party) => {
              party.emit("said", step);
              const kept = keptBy(party);
              const offsets = Array.from({ length: kept.length }, (_, index) => head - index);
              expect(kept).toEqual(offsets.toReversed());
              expect(kept.length).toBeGreaterThanOrEqual(1);
              expect(kept.length).toBeLessThanOrEqual(keepEvents);
              least = kept[0] ?? 0;
              expect(least).toBeGreaterThanOrEqual(before);
            });
          }
        }
        await room.sleep();
        await runInDurableObject(room.stub, (party) => {
          expect(party.history.head).toBe(head);
          if (head > 0) expect(keptBy(party)[0]).toBe(least);
        });
      }),
      { numRuns: cases(40) },
    );
  });
});

describe("calls that happen once", () => {
  const clients = Array.from({ length: 20 }, () => randomKey());

  /** A room that stores 400 results, with a client that goes on. */
  async function withResults() {
    const room = openDurableRoom("HIBERNATING_DURABLE", {
      history: { keepEvents: 1_000 },
      post: (party, _from, input) => {
        if (input === "refused") throw new PartyError("forbidden");
        if (input === "emit") party.emit("said", "x");
        return "done";
      },
    });
    const join = async (key: string) => {
      const socket = await room.connect("", ["partyflare.1", `partyflare.key.${key}`]);
      const [, { once }] = (await socket.frame()) as [string, { once: { since: string } }];
      let number = 0;
      const post = async (input?: unknown) => {
        number += 1;
        const known = operation(number, once.since, {
          page: "p",
          oldest: Math.max(1, number - 30),
        });
        await socket.sendFrame("$call", number, "post", input, known);
        return socket.frame();
      };
      return { socket, post };
    };
    for (const key of clients.slice(1)) {
      const { socket, post } = await join(key);
      for (let count = 0; count < 20; count += 1) await post();
      await socket.close(1000);
      await socket.closed();
    }
    const { post } = await join(clients[0] ?? "");
    await post();
    return { room, post };
  }

  it("read a few rows at a wake, whatever is stored", async () => {
    const { room, post } = await withResults();
    const read = await watchRows(room.stub);
    await room.sleep();
    read();
    expect(await post()).toEqual(["$reply", 2, "done"]);
    expectFew(read());
  });

  it("that are refused do not make the next event read the ring again", async () => {
    const { room, post } = await withResults();
    await runInDurableObject(room.stub, (party) => {
      for (let count = 0; count < 1_000; count += 1) party.emit("said", "x");
    });
    const read = await watchRows(room.stub);
    for (let number = 1_001; number <= 1_003; number += 1) {
      let answer = await post("refused");
      while ((answer as string[])[0] !== "$fail") answer = await post("refused");
      read();
      await runInDurableObject(room.stub, (party) => party.emit("bell"));
      expectFew(read());
    }
  });
});
