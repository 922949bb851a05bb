import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Attempts, type AttemptsOptions } from "./attempts";

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
    for (const retryCount of [0, 1, 2, 3, 4, 5, 6, 7]) {
      waits.push(await waitOf(attempts, retryCount));
    }
    expect(waits).toEqual([0, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
  });

  it("wait as long as their options say", async () => {
    const attempts = attemptsOf({
      minReconnectionDelay: 100,
      maxReconnectionDelay: 600,
      reconnectionDelayGrowFactor: 3,
    });
    const waits: number[] = [];
    for (const retryCount of [0, 1, 2, 3]) waits.push(await waitOf(attempts, retryCount));
    expect(waits).toEqual([0, 50, 150, 300]);
  });

  it("are immediate once after a restart, whatever partysocket has counted", async () => {
    const attempts = attemptsOf();
    await waitOf(attempts, 0);
    attempts.restart();
    expect(await waitOf(attempts, 5)).toBe(0);
    expect(await waitOf(attempts, 0)).toBe(500);
  });

  it("do not wait out what they were waiting for when they are restarted", async () => {
    const attempts = attemptsOf();
    await waitOf(attempts, 0);
    const attempt = attempts.next(ROOM, 7);
    attempts.restart();
    await attempt;
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each(["before its wait", "during its wait"])(
    "are not made when one is held %s, until a restart",
    async (when) => {
      const query = vi.fn(() => ({}));
      const attempts = attemptsOf({ query });
      await waitOf(attempts, 0);
      if (when === "before its wait") attempts.hold();
      const attempt = attempts.next(ROOM, 1);
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
    expect(await attempts.next(ROOM, 0)).toEqual({
      url: "wss://example.com/parties/chat/lobby?a=1&_pk=ada",
      protocols: ["partyflare.raw", "partyflare.key.abc", "partyflare.token.c2VjcmV0", "mine"],
    });
  });

  it("have no token where none is given", async () => {
    const attempts = attemptsOf({ token: () => null, protocols: () => null, query: () => null });
    expect((await attempts.next(ROOM, 0)).protocols).toEqual([
      "partyflare.raw",
      "partyflare.key.abc",
    ]);
  });

  it("remember why one came to nothing, until it is taken or another is made", async () => {
    const attempts = attemptsOf({ token: () => Promise.reject(new Error("no")) });
    await expect(attempts.next(ROOM, 0)).rejects.toThrow("`token`");
    expect(attempts.failure?.message).toContain("`token`");
    expect(attempts.takeFailure()?.message).toContain("`token`");
    expect(attempts.failure).toBeUndefined();
  });
});

function attemptsOf(options: Partial<AttemptsOptions> = {}): Attempts {
  return new Attempts({ id: "ada", key: "abc", random: () => 0.5, ...options });
}

/** How long an attempt waited, in ms. */
async function waitOf(attempts: Attempts, retryCount: number): Promise<number> {
  const from = Date.now();
  const attempt = attempts.next(ROOM, retryCount).then(() => Date.now());
  await vi.runAllTimersAsync();
  return (await attempt) - from;
}
