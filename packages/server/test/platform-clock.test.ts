import { runInDurableObject } from "cloudflare:test";
import { expect, it, vi } from "vitest";
import { openDurableRoom } from "./rooms";

/** Lets some real time pass while code runs. */
function work(): void {
  const untilMs = performance.now() + 20;
  while (performance.now() < untilMs);
}

it("stands still while code runs, and goes on when it awaits", async () => {
  const beganAtMs = Date.now();
  work();
  expect(Date.now()).toBe(beganAtMs);
  await Promise.resolve();
  expect(Date.now()).toBeGreaterThan(beganAtMs);
});

it("goes on after a room was aborted", async () => {
  const room = openDurableRoom("HIBERNATING_DURABLE", {});
  const aborted = runInDurableObject(room.stub, (_party, ctx) => {
    Date.now();
    ctx.abort("the test's");
  });
  await expect(aborted).rejects.toThrow("the test's");
  const beganAtMs = Date.now();
  // Not always at once: the abort may drop what the first readings queue, too.
  await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(beganAtMs), 10_000);
});
