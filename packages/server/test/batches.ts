import { runInDurableObject } from "cloudflare:test";
import { expect, onTestFinished, vi } from "vitest";
import type { TestRoom, TypedParty } from "./rooms";
import type { TestSocket } from "./test-socket";
import { BATCH_WINDOW_MS, type TypedRoom } from "./typed-parties";

/** Kinds of rooms that have a window. */
export const BATCHED_KINDS: readonly TypedParty[] = [
  "HIBERNATING_TYPED",
  "IN_MEMORY_TYPED",
  "BATCHED",
  "BATCHED_IN_MEMORY",
];

/** Windows by class, in ms. */
export const WINDOWS_MS: Record<string, number> = {
  HibernatingTypedRoom: 16,
  InMemoryTypedRoom: 16,
  BatchedRoom: BATCH_WINDOW_MS,
  BatchedInMemoryRoom: BATCH_WINDOW_MS,
};

/**
 * The delays of the timers of windows that are started from now on, in ms. They run as they would.
 * Rooms of other tests start longer ones, to look for dead connections.
 */
export function watchTimers(): number[] {
  const delaysMs: number[] = [];
  const { setTimeout } = globalThis;
  const timers = vi.spyOn(globalThis, "setTimeout");
  timers.mockImplementation(((run: () => void, delayMs: number) => {
    if (delayMs <= BATCH_WINDOW_MS) delaysMs.push(delayMs);
    return setTimeout(run, delayMs);
  }) as typeof setTimeout);
  onTestFinished(() => timers.mockRestore());
  return delaysMs;
}

/** What leaves by each connection's socket from now on. */
export function watchSends(party: TypedRoom): string[] {
  const sent: string[] = [];
  for (const { id, socket } of party.getConnections()) {
    const send = (text: string) => {
      sent.push(`${id} ${text}`);
      WebSocket.prototype.send.call(socket, text);
    };
    Object.defineProperty(socket, "send", { value: send, configurable: true });
  }
  return sent;
}

/** Waits until a window of the room has passed in which nothing was sent. */
export async function quiet(room: TestRoom<TypedRoom>): Promise<void> {
  await runInDurableObject(room.stub, async () => {
    const untilMs = Date.now() + 2 * BATCH_WINDOW_MS;
    while (Date.now() < untilMs) await scheduler.wait(5);
  });
}

/** A framed connection that has been greeted. */
export async function join(room: TestRoom<TypedRoom>, id: string): Promise<TestSocket> {
  const socket = await room.connect(`?_pk=${id}`, ["partyflare.1"]);
  expect(await socket.frame()).toMatchObject(["$hello", { id }]);
  return socket;
}
