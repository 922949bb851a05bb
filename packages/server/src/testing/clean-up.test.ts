import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { KitRoom } from "../../test/kit-party";
import { Party } from "../index";
import { clock } from "./clock";
import { openRoom, type TestRoom } from "./index";

const { Date: RealDate } = globalThis;

const connectionsOf = (name: string) =>
  runInDurableObject(Party.withRoom(env.KIT, name), (party) => party.getConnections().length);

describe("a test that leaves all open", () => {
  const name = crypto.randomUUID();
  let hasRun = false;

  it.fails("may throw", async () => {
    const room = await openRoom(env.KIT, name);
    const ada = await room.join();
    await room.join();
    await room.joinRaw();
    ada.cut();
    await room.advance(60_000);
    expect(await connectionsOf(name)).toBe(3);
    hasRun = true;
    throw new Error("fails");
  });

  it("has left nothing open", async () => {
    expect(hasRun).toBe(true);
    expect(await connectionsOf(name)).toBe(0);
    expect(globalThis.Date).toBe(RealDate);
  });
});

describe("a room of a hook", () => {
  const names: string[] = [];
  let room: TestRoom<KitRoom>;
  beforeEach(async () => {
    room = await openRoom(env.KIT);
    names.push(room.name);
    await room.join();
  });

  it.each([1, 2])("is open in test %i, and closed after it", async (count) => {
    expect(await Promise.all(names.map(connectionsOf))).toEqual([0, 1].slice(2 - count));
  });
});

describe("a room of a file", () => {
  let room: TestRoom<KitRoom>;
  beforeAll(async () => {
    room = await openRoom(env.KIT);
  });
  afterAll(() => room.close());

  it.each([1, 2])("stays open in test %i", async (count) => {
    await room.join();
    expect(await connectionsOf(room.name)).toBe(count);
  });
});

describe.concurrent("tests at the same time", () => {
  const other = new EventTarget();
  const happens = (event: string) =>
    new Promise((resolve) => other.addEventListener(event, resolve, { once: true }));

  it("keeps its room while another test ends", async ({ onTestFinished }) => {
    await happens("start");
    const ended = happens("end");
    const room = await openRoom(env.KIT);
    onTestFinished(() => room.close());
    const ada = await room.join();
    other.dispatchEvent(new Event("joined"));
    await ended;
    expect(ada.status.state).toBe("open");
  });

  it("is the other test", async ({ onTestFinished }) => {
    // Runs after what the kit would add to this test.
    onTestFinished(() => void other.dispatchEvent(new Event("end")));
    const joined = happens("joined");
    other.dispatchEvent(new Event("start"));
    await joined;
  });
});

it("leaves timers that its rooms have started to be cleared after it", async () => {
  const room = await openRoom(env.KIT);
  const ran: string[] = [];
  const timers = [
    setTimeout(() => ran.push("once"), 1_000),
    setInterval(() => ran.push("often"), 1_000),
  ];
  await room.advance(10);
  await room.close();
  for (const timer of timers) clearTimeout(timer);
  // On a busy machine they may have run before.
  const before = [...ran];
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  expect(ran).toEqual(before);
});

it("forgets intervals too, which would keep their rooms in memory, and lets them be cleared", async () => {
  const room = await openRoom(env.KIT_IN_MEMORY);
  const interval = await room.run(() => setInterval(() => {}, 600_000));
  await room.advance(3_600_000);
  await room.close();
  expect(clock.timers.nextMs).toBeUndefined();
  await (await openRoom(env.KIT_IN_MEMORY, room.name)).run(() => clearInterval(interval));
});
