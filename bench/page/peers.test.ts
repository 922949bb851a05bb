import { expect, test } from "vitest";
import { CONTENDERS } from "../contenders.ts";
import type { Table } from "../question.ts";
import { peerTables, peerText } from "./peers.ts";

const { handWritten, rival, typed, ws, socketIo, silent } = CONTENDERS;

function tableOf(name: string, medians: Record<string, number>): Table {
  const rows = Object.entries(medians).map(([contender, value]) => ({
    contender,
    values: [value / 2, value, value * 3],
  }));
  return { name, unit: "µs of CPU a delivery", rows };
}

const MEDIANS = {
  [handWritten.name]: 20,
  [silent.name]: 1,
  [rival.name]: 22,
  [typed.name]: 4,
  [ws.name]: 8,
  [socketIo.name]: 10,
};
const QUIET = tableOf("one message to 100", MEDIANS);
const STORM = tableOf("50 clients, 20 events a second each", MEDIANS);

function tablesOf(question: string): readonly Table[] {
  if (question === "quiet-room") return [QUIET, tableOf("an echo", MEDIANS)];
  return question === "cursor-storm" ? [STORM] : [];
}

test("shows the rooms that matter beside the peers, from two questions", () => {
  const tables = peerTables(tablesOf) ?? [];
  expect(tables.map(({ name }) => name)).toEqual([QUIET.name, STORM.name]);
  for (const { rows } of tables) {
    expect(rows.map(({ contender }) => contender)).toEqual([
      handWritten.name,
      rival.name,
      typed.name,
      ws.name,
      socketIo.name,
    ]);
  }
});

test("is not there before both have been measured with peers", () => {
  expect(peerTables(() => [])).toBeUndefined();
  const withoutPeers = tableOf(STORM.name, { [handWritten.name]: 20, [typed.name]: 4 });
  const old = (question: string) => (question === "cursor-storm" ? [withoutPeers] : [QUIET]);
  expect(peerTables(old)).toBeUndefined();
});

test("says what a Durable Object costs against a Node process, by medians", () => {
  const quiet = peerText([QUIET]).replaceAll(/\s+/g, " ");
  expect(quiet).toBe(
    "- **one message to 100**: a hand-written Durable Object spends 2.5 times the CPU of `ws` on a " +
      "delivery, and 2.0 times that of Socket.IO. Our room with its defaults spends 0.5 and 0.4 " +
      "times as much as they do.",
  );
});
