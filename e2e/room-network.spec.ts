import { expect, type Page, test } from "@playwright/test";
import { Network } from "./fixture/network";
import type {
  connect as connectFunction,
  ConnectOptions,
  heartbeat as heartbeatFunction,
  PartySocket as PartySocketClass,
  RoomStatus,
  typed,
} from "./fixture/src/client-types";
import { uniqueRoom } from "./support/person";

declare const connect: typeof connectFunction;
declare const heartbeat: typeof heartbeatFunction;
declare const PartySocket: typeof PartySocketClass;

const PORT = Number(process.env.PARTYFLARE_FIXTURE_PORT);

/** Waits that no test sees the end of. */
const FOR_EVER = { backoff: { initialMs: 1e9, maxMs: 1e9 } };

// A page with the client as a global, and the party `typed`: see e2e/fixture.
test.use({ baseURL: `http://127.0.0.1:${PORT}` });

let network: Network;

test.beforeEach(async ({ page }) => {
  network = await Network.to(PORT);
  // It goes on by itself, and can be put forward: nobody waits for 25 s.
  await page.clock.install();
  await page.goto("/");
});

test.afterEach(() => network.close());

test("a room in Chromium stays open while it answers pings", async ({ page }) => {
  const { room, states } = await enter(page);
  for (let round = 0; round < 4; round++) {
    await page.clock.fastForward(31_000);
    expect(await room.evaluate(({ room }) => room.call("half", 8))).toBe(4);
  }
  expect(await states()).toEqual(["open"]);
  expect(network.connections).toBe(1);
});

test("a PartySocket in Chromium is told nothing of its heartbeats", async ({ page }) => {
  const room = uniqueRoom("heartbeat");
  const socket = await page.evaluateHandle(
    ([host, name]) => {
      const raw = new PartySocket({
        host,
        party: "hibernating",
        room: name,
        heartbeat: heartbeat(),
      });
      const heard: unknown[] = [];
      raw.addEventListener("open", () => heard.push("open"));
      raw.addEventListener("close", ({ code }) => heard.push(code));
      raw.addEventListener("message", ({ data }) => heard.push(data));
      return { raw, heard };
    },
    [network.host, room] as const,
  );
  const expected = ["open"];
  for (let round = 0; round < 4; round++) {
    await socket.evaluate(({ raw }) => raw.send("hello"));
    expected.push(`${room}: hello`);
    await expect.poll(() => socket.evaluate(({ heard }) => heard)).toEqual(expected);
    await page.clock.fastForward(31_000);
  }
  expect(network.connections).toBe(1);
});

test(
  "a half-open connection in Chromium is noticed within 40 s, and dialled again",
  { tag: "@promise" },
  async ({ page }) => {
    const { states, error } = await enter(page);
    network.freeze();
    await page.clock.fastForward(30_000);
    await page.clock.fastForward(10_000);
    expect((await states()).slice(0, 2)).toEqual(["open", "waiting"]);
    expect(await error()).toBe("timeout");
    await page.clock.fastForward(1_000);
    await expect.poll(states).toEqual(["open", "waiting", "connecting", "open"]);
    expect(network.connections).toBe(2);
  },
);

test(
  "a half-open connection in Chromium is noticed within 5 s of online",
  { tag: "@promise" },
  async ({ page, context }) => {
    const { states } = await enter(page, FOR_EVER);
    await context.setOffline(true);
    network.freeze();
    await context.setOffline(false);
    await expect.poll(() => page.evaluate(() => navigator.onLine)).toBe(true);
    await page.clock.fastForward(4_000);
    await expect.poll(states).toEqual(["open", "waiting", "connecting", "open"]);
    expect(network.connections).toBe(2);
  },
);

test("a half-open connection in Chromium is noticed when its page is seen again", async ({
  page,
}) => {
  const { states } = await enter(page, FOR_EVER);
  network.freeze();
  await see(page, "hidden");
  await see(page, "visible");
  await page.clock.fastForward(4_000);
  await expect.poll(states).toEqual(["open", "waiting", "connecting", "open"]);
});

test("a room in Chromium that waits comes back at once when it is online", async ({
  page,
  context,
}) => {
  const { states } = await enter(page, FOR_EVER);
  await context.setOffline(true);
  network.cut();
  await expect.poll(states).toEqual(["open", "waiting"]);
  await context.setOffline(false);
  await expect.poll(states).toEqual(["open", "waiting", "connecting", "open"]);
});

test("a room in Chromium that waits comes back at once when its page is seen again", async ({
  page,
}) => {
  const { states } = await enter(page, FOR_EVER);
  await see(page, "hidden");
  network.cut();
  await expect.poll(states).toEqual(["open", "waiting"]);
  await see(page, "visible");
  await expect.poll(states).toEqual(["open", "waiting", "connecting", "open"]);
});

test(
  "a room in Chromium holds what is sent while the network is gone, and loses nothing",
  { tag: "@promise" },
  async ({ page, context }) => {
    const { room, states } = await enter(page, FOR_EVER);
    const heard = await room.evaluateHandle(({ room }) => {
      const texts: string[] = [];
      room.on("said", (text) => texts.push(text));
      return texts;
    });
    network.freeze();
    await context.setOffline(true);
    await expect.poll(() => room.evaluate(({ room }) => room.emit("say", "hello"))).toBe("held");
    await context.setOffline(false);
    await expect.poll(() => page.evaluate(() => navigator.onLine)).toBe(true);
    await page.clock.fastForward(4_000);
    await expect.poll(states).toEqual(["open", "waiting", "connecting", "open"]);
    await expect.poll(async () => (await heard.jsonValue()).at(-1)).toBe("hello");
  },
);

test("a room in Chromium probes its connection when its page is resumed after a freeze", async ({
  page,
}) => {
  const { states } = await enter(page, FOR_EVER);
  network.freeze();
  // As a browser dispatches them: at the document, without bubbling. It freezes hidden pages only.
  await page.evaluate(() => document.dispatchEvent(new Event("freeze")));
  await page.evaluate(() => document.dispatchEvent(new Event("resume")));
  await page.clock.fastForward(4_000);
  await expect.poll(states).toEqual(["open", "waiting", "connecting", "open"]);
});

/** A room that is open, by way of the network, and what its status has been since. */
async function enter(page: Page, options: Partial<ConnectOptions> = {}) {
  const room = await page.evaluateHandle(
    async ([host, name, more]) => {
      const entered = connect<typeof typed>({ host, party: "typed", room: name, ...more });
      const statuses: RoomStatus[] = [];
      await new Promise<void>((resolve) => {
        entered.onStatus((status) => {
          if (status.state === "open") resolve();
          statuses.push(status);
        });
      });
      return { room: entered, statuses };
    },
    [network.host, uniqueRoom("network"), options] as const,
  );
  return {
    room,
    states: () => room.evaluate(({ statuses }) => statuses.map(({ state }) => state)),
    /** The code of the latest status' error. */
    error: () =>
      room.evaluate(({ statuses }) => {
        const last = statuses.findLast((status) => status.state === "waiting");
        return last?.error.code;
      }),
  };
}

/** As if somebody looked at another tab, or at this one: a browser without a window hides none. */
async function see(page: Page, visibility: "hidden" | "visible"): Promise<void> {
  await page.evaluate((state) => {
    Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, visibility);
}
