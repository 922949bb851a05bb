import { runInDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";
import { cases } from "../../../../harness/scale";
import { FramedClient } from "../framed-client";
import { openDurableRoom } from "../rooms";
import { seeded } from "../seeded";
import { stopClock } from "../stop-clock";

const DAY_MS = 86_400_000;

/** A room, two clients of one key and one of another, and what they were answered. */
async function open() {
  let done = 0;
  const room = openDurableRoom("HIBERNATING_DURABLE", {
    post(party, _from, input) {
      const { size, fails, nested } = input as { size: number; fails: boolean; nested: boolean };
      done += 1;
      if (nested) {
        try {
          party.transact(() => {
            throw new Error("nested");
          });
        } catch {}
      }
      if (fails) throw new Error("refused");
      return `${done}${"x".repeat(size)}`;
    },
    onError: () => {},
  });
  const ada = await FramedClient.join(room, { id: "ada" });
  const same = await FramedClient.join(room, { id: "same", key: ada.key });
  const bob = await FramedClient.join(room, { id: "bob" });
  const [epoch = ""] = ada.hello.history.epoch.split(".");
  await ada.post({ size: 1 }, { page: "first", number: 1 });
  const rows = () =>
    runInDurableObject(room.stub, (_party, { storage }) =>
      storage.sql.exec(`SELECT bytes FROM partyflare_once`).toArray(),
    );
  return { room, clients: [ada, same, bob], epoch, rows };
}

it.each(Array.from({ length: cases(4) }, (_, seed) => seed))(
  "what a room remembers of results changes no answer: seed %i",
  async (seed) => {
    const below = seeded(seed + 31);
    const clock = stopClock(Date.UTC(2027, 0, 1));
    const [awake, sleepy] = [await open(), await open()];
    const sinceOf = new Map<string, number>();
    const log: string[] = [];
    const newest = new Map<string, number>();
    for (let step = 0; step < 80; step += 1) {
      clock.atMs += 1_000;
      if (below(25) === 0)
        clock.atMs += [DAY_MS / 2, DAY_MS, 2 * DAY_MS, -DAY_MS / 2][below(4)] ?? 0;
      const who = below(3);
      const page = ["p", "q"][below(2)] ?? "p";
      const key = `${who === 2} ${page}`;
      const top = newest.get(key) ?? 0;
      const number = Math.max(1, top + 2 - below(6));
      newest.set(key, Math.max(top, number));
      const oldest = Math.max(1, number - ([0, 1, 3, 8, 60][below(5)] ?? 0));
      const size = below(3) === 0 ? 500_000 : 10;
      // One number is one call.
      const input = { size, fails: below(6) === 0, nested: below(6) === 0, page, number };
      const id = `${key} ${number}`;
      if (!sinceOf.has(id)) sinceOf.set(id, clock.atMs);
      const repeat = below(2) ? (true as const) : undefined;
      log.push(
        `${who}${page}${number}/${oldest}${repeat ? "r" : ""}${input.fails ? "!" : ""} ${size}`,
      );
      await sleepy.room.sleep();
      const answers = [];
      for (const { clients, epoch } of [awake, sleepy]) {
        const since = `${epoch}.${sinceOf.get(id)}`;
        const operation = { page, number, oldest, repeat, since, id: step };
        const answering = await clients[who]?.post(input, operation);
        const { answer } = answering ?? { answer: [] };
        const [kind, , outcome] = answer;
        answers.push([kind, kind === "$reply" ? outcome : (outcome as { code: string }).code]);
      }
      expect(JSON.stringify(answers[0]).slice(0, 60), log.join(", ")).toBe(
        JSON.stringify(answers[1]).slice(0, 60),
      );
      const [rows, others] = [await awake.rows(), await sleepy.rows()];
      expect(rows.length, log.join(", ")).toBe(others.length);
      const sum = rows.reduce((total, { bytes }) => total + Number(bytes), 0);
      expect(sum, log.join(", ")).toBeLessThanOrEqual(16 * 1_024 * 1_024);
    }
  },
  60_000,
);
