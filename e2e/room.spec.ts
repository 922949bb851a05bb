import { expect, test } from "@playwright/test";
import type { connect as connectFunction, typed } from "./fixture/src/client-types";
import { uniqueRoom } from "./support/person";

declare const connect: typeof connectFunction;

// A page with the client as a global, and the party `typed`: see e2e/fixture.
test.use({ baseURL: `http://127.0.0.1:${process.env.PARTYFLARE_FIXTURE_PORT}` });

test.beforeEach(async ({ page }) => {
  await page.goto("/");
});

test(
  "a room in Chromium exchanges events and calls with its party",
  { tag: "@promise" },
  async ({ page }) => {
    const heard = await page.evaluate(async (name) => {
      const room = connect<typeof typed>({ party: "typed", room: name });
      const events = room.events("said");
      const delivery = room.emit("say", "hello");
      const half = await room.call("half", 8);
      const refusal = await room.call("half", 7).catch(({ code, data }) => [code, data]);
      const { value } = await events.next();
      const again = room.emit("say", "again");
      const { state } = room.status;
      room.close();
      return [delivery, half, refusal, value, again, state, room.status.state];
    }, uniqueRoom("typed"));
    expect(heard).toEqual(["held", 4, ["odd", { rest: 1 }], "hello", "sent", "open", "closed"]);
  },
);

test("a room in Chromium is told what it sent that the party does not know", async ({ page }) => {
  const heard = await page.evaluate(
    (name) =>
      new Promise((resolve) => {
        const room = connect<typeof typed>({ party: "typed", room: name });
        room.onError(({ code }, event) => {
          room.close();
          resolve([code, event]);
        });
        room.emit("shout" as "say", "hello");
      }),
    uniqueRoom("unknown"),
  );
  expect(heard).toEqual(["unknown_event", "shout"]);
});

test(
  "a room in Chromium comes back with a fresh token when its token has ended",
  { tag: "@promise" },
  async ({ page }) => {
    const heard = await page.evaluate(async (name) => {
      const tokens: string[] = [];
      const room = connect<typeof typed>({
        party: "typed",
        room: name,
        backoff: { initialMs: 10 },
        token: async () => {
          tokens.push(`t${tokens.length + 1}`);
          return tokens.at(-1);
        },
      });
      const states: string[] = [];
      room.onStatus((status) => {
        states.push(status.state);
        if (status.state === "waiting") states.push(status.error.code);
      });
      room.emit("expire", 1);
      const lost = await room.call("half", 8).catch(({ code }) => code);
      const half = await room.call("half", 8);
      room.close();
      return [lost, half, ...tokens, ...states];
    }, uniqueRoom("expire"));
    const states = "open, waiting, unauthorized, connecting, open, closed";
    expect(heard.join(", ")).toBe(`disconnected, 4, t1, t2, ${states}`);
  },
);

test(
  "a room in Chromium comes back, or stays away, as the party says",
  { tag: "@promise" },
  async ({ page }) => {
    const heard = await page.evaluate(async (name) => {
      const room = connect<typeof typed>({
        party: "typed",
        room: name,
        backoff: { initialMs: 10 },
      });
      const states: string[] = [];
      const closed = new Promise<void>((resolve) => {
        room.onStatus((status) => {
          states.push(status.state);
          if (status.state !== "closed") return;
          states.push(String(status.error?.code));
          resolve();
        });
      });
      room.emit("dismiss", { code: 4000, reason: "moved", retry: true });
      const lost = await room.call("wait").catch(({ code }) => code);
      room.emit("dismiss", { code: 4403, reason: "banned" });
      await closed;
      return [lost, ...states];
    }, uniqueRoom("dismiss"));
    expect(heard.join(", ")).toBe("disconnected, open, waiting, connecting, open, closed, banned");
  },
);
