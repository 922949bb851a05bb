import { env } from "cloudflare:workers";
import { afterEach, expect, it, vi } from "vitest";
import { openRoom } from "./index";

const HOUR_MS = 3_600_000;
const RealDate = Date;
const realMs = Date.now.bind(Date);
const uptimeMs = performance.now.bind(performance);

afterEach(() => vi.useRealTimers());

function checkIsReal(): void {
  expect(new Date().constructor).toBe(Date);
  expect(new Date()).toBeInstanceOf(RealDate);
  for (const ms of [Date.now(), new Date().getTime(), Date.parse(Date())]) {
    expect(Math.abs(ms - realMs())).toBeLessThan(HOUR_MS / 2);
  }
  expect(Math.abs(performance.now() - uptimeMs())).toBeLessThan(HOUR_MS / 2);
}

it.each([
  ["timers", () => vi.useFakeTimers({ toFake: ["Date", "performance", "setTimeout"] })],
  ["time", () => vi.setSystemTime(0)],
] as const)("leaves Vitest's fake %s as they are when a room closes", async (_what, fake) => {
  const room = await openRoom(env.KIT);
  await room.advance(HOUR_MS);
  fake();
  vi.setSystemTime(0);
  await room.close();
  expect(Date.now()).toBeLessThan(HOUR_MS);
  vi.useRealTimers();
  checkIsReal();

  const next = await openRoom(env.KIT);
  await next.advance(HOUR_MS);
  await next.close();
  checkIsReal();
  expect(Date).toBe(RealDate);
});

it.each([
  ["timers", () => vi.useFakeTimers()],
  ["time", () => vi.setSystemTime(0)],
] as const)("moves Date after fake %s, too", async (_what, fake) => {
  const room = await openRoom(env.KIT);
  fake();
  await expect(room.advance(1)).rejects.toThrow("call vi.useRealTimers() first");
  vi.useRealTimers();
  const startMs = realMs();
  await room.advance(HOUR_MS);
  for (const ms of [Date.now(), new Date().getTime(), Date.parse(Date())]) {
    expect(ms - startMs).toBeGreaterThan(HOUR_MS - 1_000);
  }
  expect(new Date().constructor).toBe(Date);
  await room.close();
  checkIsReal();
});
