import { env, exports } from "cloudflare:workers";
import { roomPath } from "@partyflare/shared";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { scripts } from "../../test/parties";
import { Party } from "../index";
import type { FetchRoomOptions } from "./fetch-room";

/** Asks a room of its own for its name. */
async function nameFrom(bindings: object, party: string, options?: FetchRoomOptions) {
  const room = `room-${crypto.randomUUID()}`;
  scripts.set(room, { onRequest: ({ room: name }) => new Response(name) });
  const request = new Request(`https://example.com${roomPath({ party, room })}`);
  const response = await Party.fetchRoomForRequest(request, bindings, options);
  return { room, answered: await response?.text() };
}

/** As instrumentation wraps an object: methods are called on the target. */
function wrapped<Target extends object>(target: Target): Target {
  return new Proxy(target, {
    get(inner, key) {
      const value: unknown = Reflect.get(inner, key);
      return typeof value === "function" ? value.bind(inner) : value;
    },
  });
}

/** The same, and nothing tells what it is. */
function disguised<Target extends object>(target: Target): Target {
  return new Proxy(wrapped(target), {
    get: (inner, key) => (key === Symbol.toStringTag ? undefined : Reflect.get(inner, key)),
  });
}

function spyOnLog() {
  const log = vi.spyOn(console, "error").mockImplementation(() => {});
  onTestFinished(() => log.mockRestore());
  return log;
}

const namespaces = () => ({ HIBERNATING: env.HIBERNATING, SERVICE: env.SERVICE, KV: env.KV });

describe("a Durable Object namespace is found in", () => {
  it.each([
    ["a wrapped env", () => new Proxy(namespaces(), {}), "hibernating"],
    ["an env whose bindings are wrapped", () => ({ Chat: wrapped(env.HIBERNATING) }), "chat"],
    ["the exports of cloudflare:workers", () => exports, "hibernating-room"],
    ["wrapped exports", () => new Proxy(exports, {}), "hibernating-room"],
  ])("%s", async (_where, bindings, party) => {
    const { room, answered } = await nameFrom(bindings(), party);
    expect(answered).toBe(room);
  });
});

describe("a namespace that is listed", () => {
  const namespace = () => disguised(env.HIBERNATING) as unknown as DurableObjectNamespace;

  it("needs no recognition where it is listed itself", async () => {
    const { room, answered } = await nameFrom({}, "chat", { parties: { chat: namespace() } });
    expect(answered).toBe(room);
  });

  it("needs none where its name is listed", async () => {
    const bindings = { Chat: namespace() };
    const { room, answered } = await nameFrom(bindings, "chat", { parties: ["Chat"] });
    expect(answered).toBe(room);
  });

  it("is found in an env that inherits it", async () => {
    const bindings = Object.create({ Chat: namespace() }) as object;
    const { room, answered } = await nameFrom(bindings, "chat", { parties: ["Chat"] });
    expect(answered).toBe(room);
  });
});

describe("a party that does not exist", () => {
  const ask = (path: string, bindings: object, options?: FetchRoomOptions) =>
    Party.fetchRoomForRequest(new Request(`https://example.com${path}`), bindings, options);

  it("is null, and the log names once which there are", () => {
    const log = spyOnLog();
    const bindings = { Chat_1: env.HIBERNATING, Poll_1: env.IN_MEMORY, KV: env.KV };
    for (const party of ["chat", "constructor", "__proto__", "x\ny"]) {
      expect(ask(`/parties/${encodeURIComponent(party)}/lobby`, bindings)).toBeNull();
    }
    expect(log).toHaveBeenCalledExactlyOnceWith(
      '[partyflare] no party "chat": the bindings are "Chat_1", "Poll_1"',
    );
  });

  it("is named with those that are listed", () => {
    const log = spyOnLog();
    const parties = { talk_2: env.HIBERNATING as unknown as DurableObjectNamespace };
    expect(ask("/parties/talks/lobby", env, { parties })).toBeNull();
    expect(ask("/parties/talks/lobby", env, { parties: [] })).toBeNull();
    expect(log.mock.calls.flat()).toEqual([
      '[partyflare] no party "talks": listed in `parties` are "talk_2"',
      '[partyflare] no party "talks": listed in `parties` are none',
    ]);
  });

  it("is not logged where every path of two parts looks like a room's", () => {
    const log = spyOnLog();
    expect(ask("/assets/app.js", { Chat_3: env.HIBERNATING }, { prefix: "" })).toBeNull();
    expect(log).not.toHaveBeenCalled();
  });

  it("is logged for a bounded number of lists", () => {
    const log = spyOnLog();
    for (let count = 0; count < 1_000; count += 1) {
      const name = `Chat${crypto.randomUUID()}`;
      ask("/parties/talks/lobby", {}, { parties: { [name]: env.HIBERNATING as never } });
    }
    expect(log.mock.calls.length).toBeLessThanOrEqual(100);
  });
});
