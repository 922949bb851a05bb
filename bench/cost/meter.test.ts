import { IS_USAGE_KNOWN } from "@partyflare/harness/process-usage";
import { describe, expect, test } from "vitest";
import type { Contender } from "../contenders.ts";
import { withEntrants } from "../entrant.ts";
import { coming, moving, pinging, posting, saying, type Deed } from "./deeds.ts";
import { MeteredRoom } from "./meter.ts";
import { CHAT_ROOMS, CURSOR_ROOMS, DASHBOARD_ROOMS, ROOM } from "./rooms.ts";
import type { Usage } from "./prices.ts";
import { CURSORS, OPEN_HOURS } from "./script.ts";

const OPEN_SECONDS = OPEN_HOURS * 3_600;

/** What a day is billed for in which nothing is done but this. */
function dayWith(contender: Contender, people: number, deed: Deed): Promise<Usage> {
  return withEntrants([contender], { connections: people + 1 }, async ([entrant]) => {
    if (!entrant) throw new Error("There is nobody.");
    await entrant.open({ rooms: Array.from({ length: people }, () => ROOM) });
    const room = new MeteredRoom(entrant);
    await room.do(deed);
    return room.day;
  });
}

describe.skipIf(!IS_USAGE_KNOWN)("what a room is billed for, counted in a real one", () => {
  test("ours writes a row a durable event, and is billed while its timer runs", async () => {
    const day = await dayWith(CHAT_ROOMS.ours, 2, saying(100, 2, 3));
    expect(day).toMatchObject({ requests: 0, messages: 100, rowsWritten: 100 });
    // 50 ms after each event the room looks whether it was rolled back.
    expect(day.seconds).toBeGreaterThan(100 * 0.04);
    expect(day.seconds).toBeLessThan(OPEN_SECONDS);
  });

  test("a heartbeat costs ours nothing, and a naive room a message", async () => {
    expect((await dayWith(CHAT_ROOMS.ours, 1, pinging(100, 3))).messages).toBe(0);
    expect((await dayWith(CHAT_ROOMS.naive, 1, pinging(100, 3))).messages).toBe(100);
  });

  test("a row of an index is a row, and a room in memory is billed all the time", async () => {
    const day = await dayWith(CHAT_ROOMS.naive, 2, saying(100, 2, 3));
    expect(day).toMatchObject({ messages: 100, rowsWritten: 200, seconds: OPEN_SECONDS });
  });

  test("a client that comes asks once", async () => {
    const day = await dayWith(CURSOR_ROOMS.partyserver, 1, coming(10, 0, 2));
    expect(day).toMatchObject({ requests: 10, messages: 0, rowsWritten: 0 });
  });

  test("moves that a client joins are fewer messages", async () => {
    const { people, movesASecond, secondsADay } = CURSORS;
    const moves = people * movesASecond * secondsADay;
    const { messages } = await dayWith(CURSOR_ROOMS.ours, people, moving(0.2, 2));
    expect(messages).toBeCloseTo(moves / 2, 4);
  });

  test.each([DASHBOARD_ROOMS.ours, DASHBOARD_ROOMS.partyserver, DASHBOARD_ROOMS.naive])(
    "a post to $name is a request and a row",
    async (contender) => {
      const day = await dayWith(contender, 3, posting(10, 3, 2));
      expect(day).toMatchObject({ requests: 10, messages: 0, rowsWritten: 10 });
    },
  );
});
