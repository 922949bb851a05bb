import * as fc from "fast-check";
import { afterEach, beforeEach, describe, it, vi } from "vitest";
import { cases } from "../../../../harness/scale";
import { ScheduleWorld, type TokenMode } from "../../test/schedule-world";

const SCHEDULES = cases(300);

const HELLO = '["$hello",{"id":"ada","room":"lobby"}]';

/** One thing that happens. Others, such as calls, are added here. */
type Step = (world: ScheduleWorld) => unknown;

/** Named, so that a failure reads as a story. */
const STEPS: Record<string, Step> = {
  "the app closes": ({ client }) => client.close(),
  "the app reconnects": ({ client }) => client.reconnect(),
  "the app probes": ({ client }) => client.probe(),
  "the app sends": (world) => world.send(),
  "the app will close in a callback": (world) => (world.reaction = "close"),
  "the app will reconnect in a callback": (world) => (world.reaction = "reconnect"),
  online: ({ page }) => page.tell("online"),
  offline: ({ page }) => page.tell("offline"),
  hidden: ({ page }) => page.become("hidden"),
  visible: ({ page }) => page.become("visible"),
  freeze: ({ page }) => page.tell("freeze"),
  resume: ({ page }) => page.tell("resume"),
  "back from the cache": ({ page }) => page.tell("pageshow", { persisted: true }),
  "a machine that slept": () => vi.setSystemTime(Date.now() + 3_600_000),
  "a token arrives": (world) => world.answerToken(),
  "the room accepts": (world) => world.accept(),
  "a pong": (world) => world.withOpen((socket) => socket.receive('["$pong"]')),
  "an event": (world) => world.withOpen((socket) => socket.receive('["said",{}]')),
  "a network that takes no more": (world) =>
    world.withOpen((socket) => (socket.bufferedAmount = 2 ** 21)),
  "a network that takes all": (world) => world.withOpen((socket) => (socket.bufferedAmount = 0)),
  "an error": (world) => world.live[0]?.dispatchEvent(new Event("error")),
  "a dropped socket opens": (world) =>
    world.withDropped((socket) => socket.dispatchEvent(new Event("open"))),
  "a dropped socket fails": (world) =>
    world.withDropped((socket) => socket.dispatchEvent(new Event("error"))),
  "a dropped socket receives": (world) => world.withDropped((socket) => socket.receive(HELLO)),
  "a dropped socket closes": (world) => world.withDropped((socket) => socket.end(1_000)),
};
for (const mode of ["now", "later", "never", "fails"] satisfies TokenMode[]) {
  STEPS[`tokens: ${mode}`] = (world) => (world.tokenMode = mode);
}
for (const code of [1_000, 1_006, 1_008, 1_012, 1_014, 4_401, 4_403, 4_409, 4_429]) {
  STEPS[`a close with ${code}`] = (world) => world.live[0]?.end(code);
}
for (const [code, retry, retryAfterMs] of [
  [4_401, false],
  [4_403, false],
  [1_012, true],
  [4_503, true, 60_000],
] as const) {
  const frame = JSON.stringify(["$close", { code, reason: "", retry, retryAfterMs }]);
  STEPS[`a $close with ${code}`] = (world) => world.withOpen((socket) => socket.receive(frame));
}
for (const ms of [0, 1, 2, 100, 1_000, 4_000, 10_000, 15_000, 40_000]) {
  STEPS[`${ms} ms`] = (world) => world.pass(ms);
}

const often = ["the room accepts", "2 ms", "1000 ms", "the app sends"];
const step = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(...Object.keys(STEPS)) },
  { weight: 1, arbitrary: fc.constantFrom(...often) },
);

describe("any schedule of what happens to a client", () => {
  beforeEach(() => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")));
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });

  it.each(["room", "raw"] as const)(
    "leaves a %s with one live socket at most, in order, and with nothing once it is closed",
    { timeout: 300_000 + SCHEDULES * 100 },
    async (kind) => {
      const schedules = fc.array(step, { minLength: 1, maxLength: 60, size: "max" });
      await fc.assert(
        fc.asyncProperty(schedules, async (names) => {
          vi.useFakeTimers();
          const world = new ScheduleWorld(kind);
          for (const name of names) {
            // oxlint-disable-next-line no-await-in-loop -- one thing happens after another
            await STEPS[name]!(world);
            world.check();
          }
          await world.heal();
          vi.useRealTimers();
        }),
        { numRuns: SCHEDULES },
      );
    },
  );
});
