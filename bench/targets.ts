import { CONTENDERS, LIMIT, RIVAL, SOCKET_IO } from "./contenders.ts";
import type { Target } from "./question.ts";

const { raw, typed, unbatched, batched, durable, present, board } = CONTENDERS;

const FAN_OUTS = ["100", "1,000"].flatMap((connections) =>
  ["100 B", "1 kB", "10 kB"].map((size) => `${connections} connections, ${size}`),
);

const WRITES = ["a durable event", "a call that happens once"];

/** What has to be reached: ratios of medians of one run. */
export const TARGETS: readonly Target[] = [
  ...FAN_OUTS.flatMap((table) =>
    [
      target("fan-out", table, raw.name, LIMIT, 1.03),
      target("fan-out", table, raw.name, RIVAL, 0.92),
      target("fan-out", table, unbatched.name, LIMIT, 1.1),
      target("fan-out", table, unbatched.name, RIVAL, 1),
    ].map((each) => ({ ...each, tables: "100 and 1,000 connections" })),
  ),
  target("cold-room", "new room and first connection", raw.name, LIMIT, 1.12),
  target("cold-room", "new room and first connection", raw.name, RIVAL, 0.85),
  target("echo", "100 B", raw.name, LIMIT, 1.05),
  target("echo", "100 B", raw.name, RIVAL, 1),
  ...["one message to 100", "one message to 100: until all have it"].map((table) =>
    target("quiet-room", table, typed.name, LIMIT, 1.05),
  ),
  target("calls", "adding two numbers", typed.name, LIMIT, 1.2),
  target("cursor-storm", "50 clients, 20 events a second each", typed.name, LIMIT, 0.2),
  target("cursor-storm", "50 clients, 20 events a second each", typed.name, SOCKET_IO, 0.5),
  target("cursor-storm", "50 clients, 20 events a second each", batched.name, LIMIT, 0.15),
  target("cursor-storm", "50 clients, 20 events a second each", batched.name, RIVAL, 0.12),
  ...[LIMIT, RIVAL].map((against) =>
    target("presence", "50 people, 20 moves a second each", present.name, against, 0.1),
  ),
  target("shared-state", "one change of 10,000 entries, to 100", board.name, LIMIT, 1.3),
  target("wake", "first broadcast", raw.name, LIMIT, 1.15),
  target("wake", "first broadcast", raw.name, RIVAL, 0.9),
  ...["by id", "by tag"].map((table) => ({
    ...target("lookup", table, raw.name, RIVAL, 0.2),
    tables: "by id, and by tag",
  })),
  ...WRITES.map((table) => target("delivery", table, durable.name, LIMIT, 1.3)),
  ...WRITES.map((table) => ({
    ...target("delivery", `${table}: rows`, durable.name, LIMIT, 1.3),
    tables: "rows written by both",
  })),
];

function target(
  question: string,
  table: string,
  contender: string,
  against: string,
  atMost: number,
): Target {
  return { question, table, contender, against, atMost };
}
