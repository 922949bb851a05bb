import * as fc from "fast-check";

/** Which way bytes go: up to the room, or down to the client. */
export type Direction = "up" | "down";

/** What happens to the connections of a link, now and, where it lasts, to those made meanwhile. */
export type Fault =
  /** Everything in one direction is held back for so long. */
  | { kind: "delay"; direction: Direction; ms: number; forMs: number }
  /** The next bytes go one by one, each in a packet of its own. */
  | { kind: "slice"; direction: Direction; bytes: number }
  /** FIN to both ends. */
  | { kind: "cut" }
  /** RST to both ends. */
  | { kind: "reset" }
  /** RST to the client; to the room the connection stays open, and silent. */
  | { kind: "abandon" }
  /** One direction is swallowed without a word, FIN and all. What lost bytes is reset afterwards. */
  | { kind: "halfOpen"; direction: Direction; forMs: number }
  /** Both directions are. */
  | { kind: "blackhole"; forMs: number }
  /** So many bytes still pass, and then both ends are reset. */
  | { kind: "truncate"; direction: Direction; afterBytes: number }
  /** Who connects is reset at once. */
  | { kind: "refuse"; forMs: number };

/** A fault, and how long after the one before it. */
interface Step {
  afterMs: number;
  fault: Fault;
}

/** What happens to one link, step by step. Data: it can be printed, and replayed. */
export type Schedule = readonly Step[];

/** How long anything lasts at most, in ms. */
const MAX_LASTING_MS = 400;

const direction = fc.constantFrom<Direction>("up", "down");
const forMs = fc.integer({ min: 10, max: MAX_LASTING_MS });

const fault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({
    kind: fc.constant("delay" as const),
    direction,
    ms: fc.integer({ min: 1, max: 150 }),
    forMs,
  }),
  fc.record({
    kind: fc.constant("slice" as const),
    direction,
    bytes: fc.integer({ min: 1, max: 400 }),
  }),
  fc.record({ kind: fc.constant("cut" as const) }),
  fc.record({ kind: fc.constant("reset" as const) }),
  fc.record({ kind: fc.constant("abandon" as const) }),
  fc.record({ kind: fc.constant("halfOpen" as const), direction, forMs }),
  fc.record({ kind: fc.constant("blackhole" as const), forMs }),
  fc.record({
    kind: fc.constant("truncate" as const),
    direction,
    afterBytes: fc.integer({ min: 0, max: 500 }),
  }),
  fc.record({ kind: fc.constant("refuse" as const), forMs }),
);

const schedule: fc.Arbitrary<Schedule> = fc.array(
  fc.record({ afterMs: fc.integer({ min: 0, max: 250 }), fault }),
  { minLength: 1, maxLength: 6 },
);

/** The schedules of one case: one for each link. The same for the same seed, always. */
export function schedulesOf(seed: number, links: number): Schedule[] {
  return sample(fc.array(schedule, { minLength: links, maxLength: links }), seed);
}

/** Whole numbers between two, both included, each as likely. The same for the same seed. */
export function numbersOf(seed: number, count: number, min: number, max: number): number[] {
  const numbers = fc.array(fc.integer({ min, max }), { minLength: count, maxLength: count });
  return sample(numbers, seed);
}

function sample<Value>(arbitrary: fc.Arbitrary<Value>, seed: number): Value {
  const [value] = fc.sample(fc.noBias(arbitrary), { seed, numRuns: 1 });
  if (value === undefined) throw new Error("fast-check has made nothing.");
  return value;
}

/** Why a run under schedules failed. Started with this seed, the run has the case as its first one. */
export function scheduleFailure(
  seed: number,
  schedules: readonly Schedule[],
  cause: unknown,
): Error {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new Error(`With seed ${seed}, ${reason}\nSchedules: ${JSON.stringify(schedules)}`, {
    cause,
  });
}
