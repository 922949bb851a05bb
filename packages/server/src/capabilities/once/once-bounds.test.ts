import { runInDurableObject } from "cloudflare:test";
import { randomKey } from "@partyflare/shared";
import { describe, expect, it } from "vitest";
import { operation, type WireOperation } from "../../../test/once-call";
import { type DurableTestRoom, joinAs } from "../../../test/leaving";
import { openDurableRoom } from "../../../test/rooms";

/** Of a result of 500,000 characters, 33 fit into 16 MiB. */
const LARGE = "x".repeat(500_000);
const CALLS = 60;

/** A client that calls, and what it was answered: the code of a refusal, or how long the reply is. */
async function caller(room: DurableTestRoom, id: string) {
  const { socket, hello } = await joinAs(room, id, { key: randomKey() });
  return async (number: number, known: Partial<WireOperation> = {}) => {
    const operated = operation(number, hello.once.since, { oldest: 1, ...known });
    await socket.sendFrame("$call", number, "post", number, operated);
    const [name, , answer] = (await socket.frame()) as [string, number, unknown];
    return name === "$fail" ? (answer as { code: string }).code : String(answer).length;
  };
}

describe.each(["IN_MEMORY_DURABLE", "HIBERNATING_DURABLE"] as const)("results (%s)", (kind) => {
  it.each([
    ["of one client", 1],
    ["of many", CALLS],
  ])("%s have a bound for the whole room: the oldest are forgotten", async (_whose, clients) => {
    const done: unknown[] = [];
    const room = openDurableRoom(kind, {
      post(_party, _from, input) {
        done.push(input);
        return LARGE;
      },
    });
    const callers: Awaited<ReturnType<typeof caller>>[] = [];
    for (let index = 0; index < clients; index += 1) {
      callers.push(await caller(room, `client-${index}`));
    }
    const call = (number: number, known?: Partial<WireOperation>) => {
      const calling = callers[number % clients];
      if (!calling) throw new Error("There is no such client.");
      return calling(clients === 1 ? number : 1, known);
    };
    for (let number = 1; number <= CALLS; number += 1) expect(await call(number)).toBe(500_000);
    const { length } = done;
    const { databaseSize } = await runInDurableObject(room.stub, (_party, { storage }) => ({
      databaseSize: storage.sql.databaseSize,
    }));
    expect(databaseSize).toBeLessThan(20 * 1_024 * 1_024);
    await room.sleep();
    for (let number = CALLS - 30; number <= CALLS; number += 1) {
      expect(await call(number, { repeat: true })).toBe(500_000);
    }
    for (let number = 1; number <= 20; number += 1) {
      expect(await call(number, { repeat: true })).toBe("unknown_outcome");
    }
    expect(done.length).toBe(length);
  });

  it("are deleted once their client has been answered: but for one, which is the mark", async () => {
    const room = openDurableRoom(kind, { post: () => "done" });
    const call = await caller(room, "ada");
    for (let number = 1; number <= 40; number += 1) await call(number);
    await room.sleep();
    await call(41, { oldest: 41 });
    const rows = await runInDurableObject(room.stub, (_party, { storage }) =>
      storage.sql.exec(`SELECT count(*) AS count FROM partyflare_once`).one(),
    );
    expect(rows["count"]).toBeLessThanOrEqual(2);
    expect(await call(40, { oldest: 40, repeat: true })).toBe("unknown_outcome");
    expect(await call(41, { oldest: 41, repeat: true })).toBe(4);
  });
});
