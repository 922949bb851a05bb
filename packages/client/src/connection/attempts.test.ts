import { PartyError } from "@partyflare/shared";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Attempts, type AttemptsOptions } from "./attempts";
import { lossError } from "./status";

const lost = lossError(1_006, "");
const ROOM = new URL("wss://example.com/parties/chat/lobby");

describe("the attempts to connect", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("begin at once, and wait for ever longer after failures", async () => {
    const attempts = attemptsOf();
    const waits: number[] = [];
    for (let attempt = 0; attempt < 8; attempt++) waits.push(await waitOf(attempts));
    expect(waits).toEqual([0, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
  });

  it("wait as long as their options say", async () => {
    const attempts = attemptsOf({
      minReconnectionDelay: 100,
      maxReconnectionDelay: 600,
      reconnectionDelayGrowFactor: 3,
    });
    const waits: number[] = [];
    for (let attempt = 0; attempt < 4; attempt++) waits.push(await waitOf(attempts));
    expect(waits).toEqual([0, 50, 150, 300]);
  });

  it("are immediate once after a restart, and count from 0 again", async () => {
    const attempts = attemptsOf();
    await waitOf(attempts);
    await waitOf(attempts);
    attempts.restart();
    expect(await waitOf(attempts)).toBe(0);
    expect(await waitOf(attempts)).toBe(500);
  });

  it("count from 0 again after a connection that lasted, and not after a short one", async () => {
    const attempts = attemptsOf({ minUptime: 1_000 });
    await waitOf(attempts);
    attempts.opened();
    await vi.advanceTimersByTimeAsync(999);
    expect(await waitOf(attempts)).toBe(500);
    attempts.opened();
    await vi.advanceTimersByTimeAsync(999);
    expect(await waitOf(attempts)).toBe(1_000);
    attempts.opened();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await waitOf(attempts)).toBe(500);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await waitOf(attempts)).toBe(1_000);
  });

  it("wait as long as the room asks, and some more", async () => {
    const attempts = attemptsOf();
    await waitOf(attempts);
    attempts.plan(lost, { retryAfterMs: 7_000 });
    expect(await waitOf(attempts)).toBe(7_500);
    expect(await waitOf(attempts)).toBe(1_000);
  });

  it("tell of each wait and each attempt", async () => {
    const onPhase = vi.fn();
    const attempts = attemptsOf({ onPhase });
    await waitOf(attempts);
    const retryAtMs = Date.now() + 500;
    await waitOf(attempts);
    expect(onPhase.mock.calls).toEqual([
      [{ state: "connecting", attempt: 0 }],
      [{ state: "waiting", attempt: 1, retryAtMs, error: expect.any(PartyError) }],
      [{ state: "connecting", attempt: 1 }],
    ]);
  });

  it("do not wait out what they were waiting for when they are restarted", async () => {
    const attempts = attemptsOf();
    await waitOf(attempts);
    const attempt = attempts.next(ROOM);
    attempts.restart();
    await attempt;
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each(["before its wait", "during its wait"])(
    "are not made when one is held %s, until a restart",
    async (when) => {
      const query = vi.fn(() => ({}));
      const attempts = attemptsOf({ query });
      await waitOf(attempts);
      if (when === "before its wait") attempts.hold();
      const attempt = attempts.next(ROOM);
      attempts.hold();
      await vi.advanceTimersByTimeAsync(1_000_000);
      expect(query).toHaveBeenCalledTimes(1);
      attempts.restart();
      await attempt;
      expect(query).toHaveBeenCalledTimes(2);
    },
  );

  it("have the id in the URL, and the key and the token in the subprotocols", async () => {
    const attempts = attemptsOf({
      query: () => ({ a: 1, _pk: "eve" }),
      token: () => "secret",
      protocols: "mine",
    });
    expect(await attempts.next(ROOM)).toEqual({
      url: "wss://example.com/parties/chat/lobby?a=1&_pk=ada",
      protocols: ["partyflare.raw", "partyflare.key.abc", "partyflare.token.c2VjcmV0", "mine"],
    });
  });

  it("have no token where none is given", async () => {
    const attempts = attemptsOf({ token: () => null, protocols: () => null, query: () => null });
    expect((await attempts.next(ROOM)).protocols).toEqual(["partyflare.raw", "partyflare.key.abc"]);
  });

  it("remember why one came to nothing, until it is taken or another is made", async () => {
    const attempts = attemptsOf({ token: () => Promise.reject(new Error("no")) });
    await expect(attempts.next(ROOM)).rejects.toThrow("`token`");
    expect(attempts.failure?.message).toContain("`token`");
    expect(attempts.takeFailure()?.message).toContain("`token`");
    expect(attempts.failure).toBeUndefined();
  });
});

function attemptsOf(options: Partial<AttemptsOptions> = {}): Attempts {
  return new Attempts({
    identity: () => ({ id: "ada", key: "abc" }),
    random: () => 0.5,
    ...options,
  });
}

/** How long an attempt waited, in ms. */
async function waitOf(attempts: Attempts): Promise<number> {
  const from = Date.now();
  const attempt = attempts.next(ROOM).then(() => Date.now());
  await vi.runAllTimersAsync();
  return (await attempt) - from;
}
