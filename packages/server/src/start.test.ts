import { env } from "cloudflare:workers";
import { expect, it, onTestFinished, vi } from "vitest";
import type { ErrorContext } from "./incoming/error-boundary";
import { Party } from "./party";
import { startFromConstructor } from "./start";

/** A room with an `onStart`, and the functions that its platform was asked to hold events back for. */
function roomAt(log: string[], { hasOnStart = false, fails = false } = {}) {
  const blocking: Promise<unknown>[] = [];
  const held: Promise<unknown>[] = [];
  const room = {
    hasOnStart,
    contract: {},
    handlers: {},
    capabilities: {
      areTimed: false,
      check() {},
      start() {
        log.push("capabilities start");
        if (fails) throw new Error("no storage");
      },
    },
    turn: { start: () => void log.push("started") },
    party: {
      async onStart() {
        log.push("onStart");
        await scheduler.wait(1);
      },
      onError: (_error: unknown, { during }: ErrorContext) => void log.push(`error ${during}`),
    },
  };
  const blockConcurrencyWhile = vi.fn<(run: () => Promise<unknown>) => Promise<unknown>>((run) => {
    log.push("held");
    const done = run();
    blocking.push(done);
    held.push(Promise.allSettled([done]));
    return done;
  });
  // Marked: of the parts of a room, these are the ones that a start uses.
  startFromConstructor(room as never, { blockConcurrencyWhile } as never, () => room.hasOnStart);
  return { room, blocking, settled: () => Promise.all(held) };
}

/** Runs all microtasks that the constructor has left. */
const nextEvent = () => scheduler.wait(0);

it("an onStart of the app is held for from the constructor on", async () => {
  const log: string[] = [];
  const { settled } = roomAt(log, { hasOnStart: true });
  expect(log).toEqual(["held"]);
  await settled();
  expect(log).toEqual(["held", "capabilities start", "onStart", "started"]);
});

it("an onStart that is a field of the subclass is held for as well", async () => {
  const log: string[] = [];
  const { room, settled } = roomAt(log);
  room.hasOnStart = true;
  await nextEvent();
  expect(log[0]).toBe("held");
  await settled();
  expect(log).toEqual(["held", "capabilities start", "onStart", "started"]);
});

it("a room without an onStart holds nothing back, and has started before the first event", async () => {
  const log: string[] = [];
  const { room, blocking } = roomAt(log);
  room.party.onStart = async () => {};
  await nextEvent();
  expect(log).toEqual(["capabilities start", "started"]);
  expect(blocking).toEqual([]);
});

it("a start that fails at once holds everything back, reports once, and resets the object", async () => {
  const log: string[] = [];
  const { blocking } = roomAt(log, { fails: true });
  await nextEvent();
  expect(log.slice(0, 2)).toEqual(["capabilities start", "held"]);
  await expect(Promise.all(blocking)).rejects.toThrow("no storage");
  expect(log).toEqual(["capabilities start", "held", "error onStart"]);
});

it("an onStart that an instrumentation has put into Party itself is held for too", async () => {
  const log: string[] = [];
  const onStart = vi.spyOn(Party.prototype, "onStart").mockImplementation(async () => {
    log.push("starting");
    await scheduler.wait(20);
    log.push("started");
  });
  onTestFinished(() => onStart.mockRestore());
  const onRequest = vi.spyOn(Party.prototype, "onRequest").mockImplementation(() => {
    log.push("request");
    return new Response("ok");
  });
  onTestFinished(() => onRequest.mockRestore());
  await env.BARE.getByName(crypto.randomUUID()).fetch("https://x/");
  expect(log).toEqual(["starting", "started", "request"]);
});
