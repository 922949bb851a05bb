import { PartyError } from "@partyflare/shared";
import { describe, expect, it, vi } from "vitest";
import { ask, type Provider } from "./provider";

const { signal } = new AbortController();
const answerOf = (provider: Provider<string>) => ask("token", provider, signal, 1_000);
const failureOf = (provider: Provider<string>) =>
  answerOf(provider).then(
    () => undefined,
    (error: unknown) => error,
  );

describe("an option that may be a function", () => {
  it("is itself when it is none", async () => {
    expect(await answerOf("secret")).toBe("secret");
  });

  it("is called, with the attempt's signal, and may answer later", async () => {
    const provider = vi.fn(() => "now");
    expect(await answerOf(provider)).toBe("now");
    expect(provider.mock.calls).toEqual([[signal]]);
    expect(await answerOf(async () => "later")).toBe("later");
  });

  it("is named when it throws, and keeps what was thrown", async () => {
    const cause = new Error("no network");
    const failing = () => {
      throw cause;
    };
    for (const provider of [failing, () => Promise.reject(cause)]) {
      expect(await failureOf(provider)).toMatchObject({
        code: "disconnected",
        message: "The option `token` failed: no network",
        cause,
      });
    }
  });

  it.each([
    ["gives no answer", () => new Promise<never>(() => {})],
    [
      "obeys the signal",
      (aborted: AbortSignal) =>
        new Promise<never>((_, reject) => aborted.addEventListener("abort", () => reject("no"))),
    ],
  ])("is named when it %s before its attempt ends", async (_how, provider) => {
    const attempt = new AbortController();
    const answer = ask("query", provider, attempt.signal, 4_000).catch((error: unknown) => error);
    attempt.abort();
    const error = await answer;
    expect(error).toBeInstanceOf(PartyError);
    expect(error).toMatchObject({
      code: "timeout",
      message: "The option `query` gave no answer within 4000 ms.",
    });
  });
});
