import { type AddressInfo, createServer } from "node:net";
import { expect, type Page, test } from "@playwright/test";
import type {
  PartySocket as PartySocketClass,
  PartySocketOptions,
} from "./fixture/src/client-types";
import { uniqueRoom } from "./support/person";

declare const PartySocket: typeof PartySocketClass;

test.use({ baseURL: `http://127.0.0.1:${process.env.PARTYFLARE_FIXTURE_PORT}` });

test.beforeEach(async ({ page }) => {
  await page.goto("/");
});

for (const party of ["hibernating", "in-memory"]) {
  test.describe(`a PartySocket in Chromium, in a room that is ${party}`, () => {
    /** What a socket tells of after it has asked the room to close it. */
    const closedWith = (page: Page, code: number, opens: number) =>
      eventsOf(page, { party, room: uniqueRoom("close") }, { say: `close ${code}`, opens });

    test(
      "stays away after a close that is final, and tells its code and reason",
      { tag: "@promise" },
      async ({ page }) => {
        expect(await closedWith(page, 4_401, 1)).toEqual(["open", "close 4401 as asked"]);
      },
    );

    test("comes back after a close that is not", { tag: "@promise" }, async ({ page }) => {
      expect(await closedWith(page, 4_503, 2)).toEqual(["open", "close 4503 as asked", "open"]);
    });
  });
}

test("a PartySocket in Chromium tells of a failed attempt as an error and a 1006", async ({
  page,
}) => {
  const closed = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => closed.listen(0, "127.0.0.1", resolve));
  const host = `127.0.0.1:${(closed.address() as AddressInfo).port}`;
  const events = await eventsOf(page, { host, party: "x", room: "y", maxRetries: 1 });
  closed.close();
  const attempt = ["close 1006 ", "error disconnected"];
  expect(events).toEqual([...attempt, ...attempt]);
});

test("a PartySocket in Chromium tells that an attempt got no answer", async ({ page }) => {
  const silent = createServer();
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const host = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const options = { host, party: "x", room: "y", maxRetries: 0, connectionTimeout: 100 };
  expect(await eventsOf(page, options)).toEqual([
    "close 1006 timeout",
    "error The room gave no answer within 100 ms.",
  ]);
  silent.close();
});

test("a PartySocket in Chromium connects again when it is told to while open", async ({ page }) => {
  const events = await page.evaluate(async (room) => {
    const socket = new PartySocket({ party: "hibernating", room });
    const heard: string[] = [];
    const opened = () =>
      new Promise((resolve) => socket.addEventListener("open", resolve, { once: true }));
    socket.addEventListener("close", ({ code, reason }) => heard.push(`close ${code} ${reason}`));
    await opened();
    socket.reconnect(4_000, "anew");
    await opened();
    heard.push("open again");
    socket.close();
    return heard;
  }, uniqueRoom("reconnect"));
  expect(events).toEqual(["close 4000 anew", "open again", "close 1000 "]);
});

/**
 * What a socket's listeners hear, until it has been open `opens` times and makes no attempt more.
 * Each event as its name, code or message, and reason.
 */
function eventsOf(
  page: Page,
  options: PartySocketOptions,
  { say = "", opens = 0 } = {},
): Promise<string[]> {
  return page.evaluate(
    ([socketOptions, text, expectedOpens]) =>
      new Promise<string[]>((resolve) => {
        const socket = new PartySocket({ minReconnectionDelay: 10, ...socketOptions });
        const heard: string[] = [];
        let opened = 0;
        socket.addEventListener("open", () => {
          heard.push("open");
          opened += 1;
          if (opened === 1) socket.send(text);
          if (opened > 1 && opened === expectedOpens) resolve(heard);
        });
        socket.addEventListener("close", ({ code, reason }) => {
          heard.push(`close ${code} ${reason}`);
          if (!socket.shouldReconnect) resolve(heard);
        });
        socket.addEventListener("error", ({ message }) => {
          heard.push(`error ${message}`);
          const { maxRetries = Infinity } = socketOptions;
          if (heard.length === 2 * (maxRetries + 1)) resolve(heard);
        });
      }),
    [options, say, opens] as const,
  );
}
