import { PartyError } from "@partyflare/shared";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ask } from "./provider";

describe("an option that may be a function", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it("is itself when it is none", async () => {
    expect(await ask("token", "secret", 1_000)).toBe("secret");
  });

  it("is asked, at once or with patience", async () => {
    expect(await ask("token", () => "now", 1_000)).toBe("now");
    expect(await ask("token", async () => "later", 1_000)).toBe("later");
  });

  it("is named when it throws, and keeps what was thrown", async () => {
    const cause = new Error("no network");
    const error = await ask("token", () => Promise.reject(cause), 1_000).catch((thrown) => thrown);
    expect(error).toMatchObject({ message: "The option `token` failed: no network", cause });
    await expect(
      ask(
        "query",
        () => {
          throw cause;
        },
        1_000,
      ),
    ).rejects.toThrow("The option `query` failed: no network");
  });

  it("is named when it gives no answer in time", async () => {
    vi.useFakeTimers();
    const answer = ask("query", () => new Promise(() => {}), 4_000).catch((thrown) => thrown);
    await vi.advanceTimersByTimeAsync(4_000);
    const error = await answer;
    expect(error).toBeInstanceOf(PartyError);
    expect(error).toMatchObject({
      code: "timeout",
      message: "The option `query` gave no answer within 4000 ms.",
    });
  });

  it("leaves no timer behind when it has answered", async () => {
    vi.useFakeTimers();
    await ask("token", async () => "later", 4_000);
    expect(vi.getTimerCount()).toBe(0);
  });
});
