import { readFileSync } from "node:fs";
import { shortNumber } from "../charts/look.ts";
import { CONTENDERS, LIMIT, RIVAL, SOCKET_IO } from "../contenders.ts";
import { TARGETS } from "../targets.ts";
import type { Claim } from "./claims.ts";
import { besideAt, medianAt, type Place, spreadAt } from "./results.ts";

const { handWrittenCached, handWrittenOnce, silent, raw, typed, unbatched, batched } = CONTENDERS;
const { latest, durable, present, presentListed, board, boardViewed } = CONTENDERS;

const STORM = ["cursor-storm", "50 clients, 20 events a second each"] as const;
const PRESENCE = ["presence", "50 people, 20 moves a second each"] as const;
const JOIN = ["presence", "a join"] as const;
const SHARED_WAKE = ["shared-state", "a wake and the first change of 10,000 entries"] as const;
const SHARED_VIEWS = ["shared-state", "views in 10 groups, 10,000 entries"] as const;
const COLD = ["cold-room", "new room and first connection"] as const;
const EVENT = ["delivery", "a durable event"] as const;
const ONCE = ["delivery", "a call that happens once"] as const;
const MISSED = ["delivery", "100 missed events"] as const;
const LOOKUP_AFTER_WAKE = ["wake", "first lookup by tag"] as const;
const CURSORS = ["cost", "cursors of 50"] as const;

const SUMMARY = "docs/performance.md";
const SMALL_FAN_OUTS = fanOuts(10, ["100 B", "1 kB", "10 kB"]);

/** The tables of fan-out that have to reach something. */
const FAN_OUTS = TARGETS.filter(
  ({ question, contender, against }) =>
    question === "fan-out" && contender === raw.name && against === LIMIT,
).map(({ question, table }) => [question, table] as const);

/** Every sentence with a measured number, but for generated tables and lists. */
export const CLAIMS: readonly Claim[] = [
  {
    page: SUMMARY,
    text: "a typed room that joins nothing costs up to {} of the hand-written one",
    numbers: [
      // Rooms joined nothing by default when there was no other typed room.
      greatest(SMALL_FAN_OUTS, unbatched.name, LIMIT) ??
        greatest(SMALL_FAN_OUTS, typed.name, LIMIT),
    ],
  },
  {
    page: SUMMARY,
    text: "A durable event costs {} µs of CPU, {} of the hand-written room",
    numbers: [amount([...EVENT, durable.name]), ratio(EVENT, durable.name, LIMIT)],
  },
  {
    page: SUMMARY,
    text: "A `once` call costs {} µs, {} µs more than by hand",
    numbers: [
      amount([...ONCE, durable.name]),
      whole(medianAt([...ONCE, durable.name]) - medianAt([...ONCE, LIMIT])),
    ],
  },
  {
    page: SUMMARY,
    text: "that missed 100 events has them after {} ms, {} of the time by hand",
    numbers: [amount([...MISSED, durable.name]), ratio(MISSED, durable.name, LIMIT)],
  },
  {
    page: SUMMARY,
    text: "our cursors take {} GB-s where partyserver takes {}, and cost {} times as much",
    numbers: [
      number(besideAt([...CURSORS, typed.name], "GB-s a day")),
      number(besideAt([...CURSORS, RIVAL], "GB-s a day")),
      ratio(CURSORS, typed.name, RIVAL),
    ],
  },
  {
    page: SUMMARY,
    text: "**A cursor storm** costs {} of the hand-written room, where 0.20 was wanted, and {} of Socket.IO",
    numbers: [ratio(STORM, typed.name, LIMIT), ratio(STORM, typed.name, SOCKET_IO)],
    explains: ["cursor-storm"],
  },
  {
    page: SUMMARY,
    text: "that sends nothing already costs {}: each",
    numbers: [ratio(STORM, silent.name, LIMIT)],
  },
  {
    page: SUMMARY,
    text: "`latestBy` with windows of 50 ms costs {}.",
    numbers: [ratio(STORM, latest.name, LIMIT)],
  },
  {
    page: SUMMARY,
    text: "**Cursors by presence** cost {} of the hand-written room and {} of partyserver, where 0.10",
    numbers: [LIMIT, RIVAL].map((against) => ratio(PRESENCE, present.name, against)),
    explains: ["presence"],
  },
  {
    page: SUMMARY,
    text: "that sends nothing costs {} in the same run. A join into 1,000 members costs {} of",
    numbers: [ratio(PRESENCE, silent.name, LIMIT), ratio(JOIN, presentListed.name, LIMIT)],
  },
  {
    page: SUMMARY,
    text: "a room with 10,000 entries that wakes takes {} ms of CPU for its first change, {} of the",
    numbers: [
      number(medianAt([...SHARED_WAKE, board.name]) / 1_000),
      ratio(SHARED_WAKE, board.name, LIMIT),
    ],
  },
  {
    page: SUMMARY,
    text: "With 10 views of it and 1,000 connections, a change costs {} of one without views",
    numbers: [ratio(SHARED_VIEWS, boardViewed.name, board.name)],
  },
  {
    page: SUMMARY,
    text: "applies a change in {} of the time that immer's `applyPatches` takes in Node, and {} in Chromium",
    numbers: ["Node", "Chromium"].map((platform) =>
      ratio(
        ["shared-state", `client in ${platform}, 1 of 10,000 entries changed`],
        "sharedState",
        "immer, applyPatches",
      ),
    ),
  },
  {
    page: SUMMARY,
    text: "**A new room with its first connection** costs {} of the hand-written one",
    numbers: [ratio(COLD, raw.name, LIMIT)],
  },
  {
    page: SUMMARY,
    text: "Its rounds lie ±{} % apart",
    numbers: [percent(spreadAt([...COLD, raw.name]))],
  },
  {
    page: SUMMARY,
    text: "**A `once` call** costs {} of the hand-written one, where 1.30 was wanted. It costs {} of a",
    numbers: [ratio(ONCE, durable.name, LIMIT), ratio(ONCE, durable.name, handWrittenOnce.name)],
    explains: ["delivery"],
  },
  {
    page: SUMMARY,
    text: "**A raw message** costs up to {} of the hand-written room, where 1.03 was wanted, and up to {} of partyserver",
    numbers: [greatest(FAN_OUTS, raw.name, LIMIT), greatest(FAN_OUTS, raw.name, RIVAL)],
    explains: ["fan-out"],
  },
  {
    page: SUMMARY,
    text: "caches its sockets does less, and costs up to {} in the same cases",
    numbers: [greatest(FAN_OUTS, handWrittenCached.name, LIMIT)],
  },
  {
    page: SUMMARY,
    text: "with 9,500 connections, takes {} ms of CPU. The platform's tags take {} ms",
    numbers: [raw.name, LIMIT].map((name) =>
      number(medianAt([...LOOKUP_AFTER_WAKE, name]) / 1_000),
    ),
  },
  {
    page: SUMMARY,
    text: "each later lookup costs {} of partyserver's",
    numbers: [ratio(["lookup", "by tag"], raw.name, RIVAL)],
  },
  {
    page: SUMMARY,
    text: "all of `/react` has at most {} kB, where 13.5 was wanted before presence and shared state. `PartySocket` has at most {} kB (8.4 was wanted) and `connect` {} (11.5)",
    numbers: ["everything for React", "PartySocket", "connect"].map((name) =>
      known(sizeLimit(`client: ${name}`), String),
    ),
  },
  {
    page: SUMMARY,
    text: "The server has at most {} kB",
    numbers: [known(sizeLimit("server: everything"), String)],
  },
  {
    page: "README.md",
    text: "Fifty moving cursors cost {} of the CPU of a hand-written",
    numbers: [ratio(STORM, typed.name, LIMIT)],
  },
  {
    page: "README.md",
    text: "The typed client has {} kB, minified and gzipped",
    numbers: [whole(sizeLimit("client: connect"))],
  },
  {
    page: "README.md",
    text: "| Client, gzipped | {} kB",
    numbers: [whole(sizeLimit("client: connect"))],
  },
  {
    page: "docs/comparison.md",
    text: "[Client, gzipped; React hooks](#the-client) | {} kB; yes",
    numbers: [kilobytes("connect")],
  },
  {
    page: "docs/comparison.md",
    text: "`connect`; `useRoom`, `useEvent`, `useStatus`, `useCall` | {} | {} |",
    numbers: [amount(["sizes", "client", "connect"]), bytesOf("useRoom and its hooks")],
  },
  {
    page: "docs/comparison.md",
    text: "our `PartySocket` has {} bytes",
    numbers: [bytesOf("PartySocket")],
  },
  {
    page: "docs/guide/batching.md",
    text: "a hand-written room needs {} to {} µs of CPU to deliver 100 bytes. 1 kB costs {} % more with 10 connections, and {} % more with 100",
    numbers: [
      ...[10, 100].map((connections) => whole(medianAt(byHand(connections, "100 B")))),
      ...[10, 100].map(moreForBytes),
    ],
  },
  {
    page: "docs/guide/batching.md",
    text: "[{} of the CPU](../../bench/results/README.md#batching) if they are joined",
    numbers: [ratio(STORM, batched.name, LIMIT)],
  },
  {
    page: "docs/protocol.md",
    text: "about {} % more with 10 connections, and {} % more with 100",
    numbers: [10, 100].map(moreForBytes),
  },
  {
    page: "docs/decisions/0013-json-arrays.md",
    text: "about {} % more CPU with 10 connections, and {} % more with 100",
    numbers: [10, 100].map(moreForBytes),
  },
];

type InTable = readonly [question: string, table: string];

function fanOuts(connections: number, sizes: readonly string[]): InTable[] {
  return sizes.map((size) => ["fan-out", `${connections} connections, ${size}`]);
}

function byHand(connections: number, size: string): Place {
  return ["fan-out", `${connections} connections, ${size}`, LIMIT];
}

/** By how much more, in percent, a hand-written room delivers ten times the bytes. */
function moreForBytes(connections: number): string | undefined {
  return percent(
    medianAt(byHand(connections, "1 kB")) / medianAt(byHand(connections, "100 B")) - 1,
  );
}

function ratio(table: InTable, ours: string, theirs: string): string | undefined {
  return known(medianAt([...table, ours]) / medianAt([...table, theirs]), (value) =>
    value.toFixed(2),
  );
}

/** The greatest ratio of some tables. */
function greatest(tables: readonly InTable[], ours: string, theirs: string): string | undefined {
  return tables
    .flatMap((table) => ratio(table, ours, theirs) ?? [])
    .toSorted((a, b) => Number(a) - Number(b))
    .at(-1);
}

function amount(place: Place): string | undefined {
  return number(medianAt(place));
}

function number(value: number): string | undefined {
  return known(value, shortNumber);
}

function percent(share: number): string | undefined {
  return known(share * 100, (value) => value.toFixed(0));
}

function whole(value: number): string | undefined {
  return known(value, (each) => each.toFixed(0));
}

function bytesOf(client: string): string | undefined {
  return amount(["sizes", "client", client]);
}

function kilobytes(client: string): string | undefined {
  return known(medianAt(["sizes", "client", client]) / 1_000, (value) => value.toFixed(1));
}

function known(value: number, text: (value: number) => string): string | undefined {
  return Number.isFinite(value) ? text(value) : undefined;
}

/** The size that a bundle may have, in kB, by the beginning of its name. */
function sizeLimit(name: string): number {
  const file = new URL("../../.size-limit.json", import.meta.url);
  const limits = JSON.parse(readFileSync(file, "utf8")) as { name: string; limit: string }[];
  const found = limits.find((each) => each.name.startsWith(name));
  const [, kilobytes] = /^([\d.]+) kB$/.exec(found?.limit ?? "") ?? [];
  if (kilobytes === undefined) throw new Error(`.size-limit.json has no limit in kB for ${name}.`);
  return Number(kilobytes);
}
