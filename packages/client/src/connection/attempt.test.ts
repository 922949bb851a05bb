import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { beginScript, endScript, enter, sayHello, sockets, turn } from "../../test/scripted";

beforeEach(beginScript);
afterEach(() => expect(endScript()).toBe(0));

describe("an attempt that waits for its token", () => {
  /** Tokens are asked for one after another, and answered by the test. */
  function tokens() {
    const asked: { answer: (token: string) => void; signal: AbortSignal }[] = [];
    const token = (signal: AbortSignal) =>
      new Promise<string>((answer) => asked.push({ answer, signal }));
    return { asked, token };
  }

  it("is replaced by reconnect(), which asks for the token of whoever is signed in now", async () => {
    const { asked, token } = tokens();
    const { room } = enter({ token });
    await turn();
    room.close();
    room.reconnect();
    await turn();
    expect(asked).toHaveLength(2);
    asked[1]!.answer("bob");
    asked[0]!.answer("ada");
    await turn();
    expect(sockets.map(({ protocols }) => protocols.at(-1))).toEqual(["partyflare.token.Ym9i"]);
  });

  it("aborts the token's signal when it ends, however it ends", async () => {
    const { asked, token } = tokens();
    const { room } = enter({ token });
    await turn();
    room.reconnect();
    await turn();
    room.close();
    room.reconnect();
    await vi.advanceTimersByTimeAsync(15_000);
    expect(asked.map(({ signal }) => signal.aborted)).toEqual([true, true, true]);
    expect(room.status).toMatchObject({ state: "waiting", error: { code: "timeout" } });
  });

  it("asks for nothing where it is closed in the same turn", async () => {
    const { asked, token } = tokens();
    const { room } = enter({ token });
    room.close();
    await turn();
    expect(asked).toEqual([]);
    expect(sockets).toEqual([]);
  });
});

describe("an attempt's time", () => {
  it("is 15 s in all: for the token, the socket and the hello", async () => {
    const { room } = enter({
      token: () => new Promise((resolve) => setTimeout(() => resolve("t"), 5_000)),
    });
    await vi.advanceTimersByTimeAsync(9_900);
    sockets[0]!.open();
    await vi.advanceTimersByTimeAsync(4_900);
    sayHello();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(room.status.state).toBe("open");
    expect(sockets).toHaveLength(1);
  });

  it.each([
    ["token", "The option `token` gave no answer within 15000 ms."],
    ["socket", "The room gave no answer within 15000 ms."],
    ["hello", "The room did not say hello within 15000 ms."],
  ])("is over where the %s does not come in time", async (missing, message) => {
    const token = () =>
      new Promise<string>((resolve) => {
        if (missing !== "token") setTimeout(() => resolve("t"), 5_000);
      });
    const { room } = enter({ token });
    await vi.advanceTimersByTimeAsync(10_000);
    if (missing === "hello") sockets[0]!.open();
    await vi.advanceTimersByTimeAsync(4_998);
    expect(room.status.state).toBe("connecting");
    await turn();
    expect(room.status).toMatchObject({ state: "waiting", error: { code: "timeout", message } });
  });

  it("is as long as the app says, and never over at once", async () => {
    const { room } = enter({ connectionTimeout: Infinity });
    await vi.advanceTimersByTimeAsync(1_000_000);
    expect(room.status.state).toBe("connecting");
  });
});
