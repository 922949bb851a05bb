/**
 * Makes `Date.now` of these tests the platform's: it stands still while code runs, and goes on when
 * that code awaits. That of the local runtime always goes on. On a busy machine, the window of a room
 * would end in the middle of a handler.
 *
 * @see https://developers.cloudflare.com/workers/runtime-apis/performance
 */
import { afterAll } from "vitest";

const { now } = Date;
let stoppedAtMs: number | undefined;

Date.now = () => {
  stoppedAtMs ??= now();
  // Each time: the abort of an object drops what is queued, and the clock would stand still for ever.
  queueMicrotask(() => (stoppedAtMs = undefined));
  return stoppedAtMs;
};
// All files share one workerd.
afterAll(() => void (Date.now = now));
