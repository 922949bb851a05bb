import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { expect, it, vi } from "vitest";
import { cases } from "../../../../harness/scale";
import { openSeamRoom } from "../rooms";
import type { SeamRoom } from "../seam-party";
import { seeded } from "../seeded";

type Name = "first" | "second";

/** The times that a room should have, and the failures in a row. */
type Model = Record<Name, { atMs: number | null; failures: number }>;

const NAMES = ["first", "second"] as const;

it.each(Array.from({ length: cases(40) }, (_, seed) => seed))(
  "random times, rollbacks, wipes, failures and sleeps leave each capability its time: seed %i",
  async (seed) => {
    const below = seeded(seed + 77);
    const log: string[] = [];
    const runs: Name[] = [];
    let model: Model = fresh();
    /** What `onAlarm` does next: it sets its next time, or none, or throws. */
    let behaves: (name: Name, party: SeamRoom, nowMs: number) => void = () => {};
    const capability = (name: Name) => (_host: unknown, party: SeamRoom) => ({
      onAlarm(nowMs: number) {
        runs.push(name);
        behaves(name, party, nowMs);
      },
    });
    const room = openSeamRoom(below(3) ? "HIBERNATING_SEAM" : "IN_MEMORY_SEAM", {
      first: capability("first"),
      second: capability("second"),
      onError: () => {},
    });
    // Far away, so that no alarm rings by itself.
    let nowMs = Date.now() + 1_000_000_000;
    const someTime = () => (below(5) === 0 ? null : nowMs + below(60) - 10 + below(4) / 4);

    /** Sets times, and nests transactions of both kinds; some of them fail. */
    function work(party: SeamRoom, depth: number): void {
      for (let left = below(3); left >= 0; left -= 1) {
        const what = below(depth > 2 ? 4 : 7);
        if (what < 4) {
          const name = NAMES[below(2)] as Name;
          const timeMs = someTime();
          log.push(`${name}=${timeMs === null ? "never" : timeMs - nowMs}`);
          party[name].wakeAt(timeMs);
          model[name] = { atMs: timeMs === null ? null : Math.ceil(timeMs), failures: 0 };
          continue;
        }
        const fails = below(2) === 0;
        const before = structuredClone(model);
        log.push(`${what === 4 ? "app" : "lib"}${fails ? "!" : ""}(`);
        const run = () => {
          work(party, depth + 1);
          if (fails) throw new Error("rolled back");
        };
        try {
          if (what === 4) party.storage.transactionSync(run);
          else party.transact(run);
        } catch (error) {
          if (!fails) throw error;
          model = before;
        }
        log.push(")");
      }
    }

    /** Rings at the model's clock, and tells what must have run. */
    async function ring(): Promise<void> {
      const expected = NAMES.filter((name) => (model[name].atMs ?? Infinity) <= nowMs);
      const hasAlarm = NAMES.some((name) => model[name].atMs !== null);
      const plan = new Map(expected.map((name) => [name, below(3)] as const));
      for (const [name, what] of plan) {
        const { failures } = model[name];
        const retryMs = Math.min(5_000 * 2 ** failures, 3_600_000);
        if (what === 0) model[name] = { atMs: nowMs + retryMs, failures: failures + 1 };
        else model[name] = { atMs: what === 1 ? null : nowMs + 25, failures: 0 };
      }
      behaves = (name, party, rangMs) => {
        expect(rangMs).toBe(nowMs);
        if (plan.get(name) !== 1) party[name].wakeAt(nowMs + 24.5);
        if (plan.get(name) === 0) throw new Error("a fault");
      };
      runs.length = 0;
      const clock = vi.spyOn(Date, "now").mockReturnValue(nowMs);
      try {
        expect(await runDurableObjectAlarm(room.stub), log.join(" ")).toBe(hasAlarm);
      } finally {
        clock.mockRestore();
      }
      expect(runs, log.join(" ")).toEqual(expected);
    }

    for (let step = 0; step < 25; step += 1) {
      const what = below(10);
      if (what < 5) {
        log.push("|");
        // oxlint-disable-next-line no-await-in-loop -- one step after the other
        await runInDurableObject(room.stub, (party) => work(party, 0));
      } else if (what < 8) {
        nowMs += below(40);
        if (below(6) === 0) nowMs += 6_000;
        log.push("|ring");
        await ring();
      } else if (what === 8) {
        log.push("|sleep");
        await room.sleep();
      } else if (below(3) === 0) {
        log.push("|wipe");
        await runInDurableObject(room.stub, ({ storage }) => storage.deleteAll());
        model = fresh();
      }
      const alarm = await runInDurableObject(room.stub, ({ storage }) => storage.getAlarm());
      const times = NAMES.flatMap((name) => model[name].atMs ?? []);
      expect(alarm, log.join(" ")).toBe(times.length === 0 ? null : Math.min(...times));
    }
  },
);

function fresh(): Model {
  return { first: { atMs: null, failures: 0 }, second: { atMs: null, failures: 0 } };
}
