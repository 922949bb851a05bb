import { env, exports } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { type Script, scripts } from "../test/parties";
import { TestSocket } from "../test/test-socket";
import { Party, PartyError } from "./index";

/** A room of its own, and how to ask it for a WebSocket. */
function roomOf(script: Script) {
  const name = `room-${crypto.randomUUID()}`;
  scripts.set(name, script);
  const stub = Party.withRoom(env.HIBERNATING, name);
  const url = `https://example.com/parties/hibernating/${name}`;
  const headersOf = (offer: string) => ({
    Upgrade: "websocket",
    ...(offer && { "Sec-WebSocket-Protocol": offer }),
  });
  return {
    url,
    byWorker: (offer: string) => exports.default.fetch(url, { headers: headersOf(offer) }),
    directly: (offer: string) => stub.fetch(url, { headers: headersOf(offer) }),
  };
}

function throwing(error: Error): Script {
  return {
    authorize() {
      throw error;
    },
  };
}

const OFFERS = ["partyflare.1", "partyflare.raw", "other", ""];

/** Names of headers that are ours. */
const ours = ({ headers }: Response) =>
  [...headers.keys()].filter((name) => name.includes("partyflare"));

describe("a room that refuses", () => {
  it.each(OFFERS)(
    "answers plain HTTP where it is reached without our Worker: %j",
    async (offer) => {
      const room = roomOf(throwing(new PartyError("rate_limited", { retryAfterMs: 1_500 })));
      const response = await room.directly(offer);
      expect([response.status, response.webSocket]).toEqual([429, null]);
      expect(response.headers.get("Retry-After")).toBe("2");
      expect(await response.text()).toBe("Too many messages.");
      expect(ours(response)).toEqual([]);
    },
  );

  it.each([
    [new PartyError("unauthorized"), { code: 4401, reason: "unauthorized", retry: false }],
    [
      new PartyError("rate_limited", { retryAfterMs: 1_500 }),
      { code: 4429, reason: "rate_limited", retry: true, retryAfterMs: 1_500 },
    ],
    [new PartyError("banni·é"), { code: 4403, reason: "banni·é", retry: false }],
    [
      new PartyError("später", { retryAfterMs: 5 }),
      { code: 1013, reason: "später", retry: true, retryAfterMs: 5 },
    ],
  ])("tells our clients through the Worker, in a frame and a close: %s", async (error, close) => {
    const response = await roomOf(throwing(error)).byWorker("partyflare.1");
    expect(response.headers.get("Sec-WebSocket-Protocol")).toBe("partyflare.1");
    expect(ours(response)).toEqual([]);
    const socket = new TestSocket(response.webSocket as WebSocket, async () => {});
    expect(await socket.frame()).toEqual(["$close", close]);
    expect(await socket.closed()).toEqual({ code: close.code, reason: close.reason });
  });

  it("answers all others through the Worker in plain HTTP, without the mark", async () => {
    const room = roomOf(throwing(new PartyError("unauthorized")));
    const response = await room.byWorker("other");
    expect([response.status, response.webSocket]).toEqual([401, null]);
    expect(await response.text()).toBe("Not signed in, or no longer.");
    expect(ours(response)).toEqual([]);
  });

  it("keeps its mark from what the app has a room answer", async () => {
    const headers = { "X-Partyflare-Refusal": "mine", "X-Other": "kept" };
    const room = roomOf({ onRequest: () => new Response("answer", { status: 402, headers }) });
    const response = await exports.default.fetch(room.url);
    expect([response.status, await response.text()]).toEqual([402, "answer"]);
    expect(response.headers.get("X-Other")).toBe("kept");
    expect(ours(response)).toEqual([]);
  });

  it.each(["", "{", "%", "null", '{"code":1}', encodeURIComponent('{"code":"4401"}')])(
    "is answered as it is where its mark cannot be read: %j",
    async (mark) => {
      const headers = { "X-Partyflare-Refusal": mark };
      const namespace = {
        idFromName: () => ({}),
        get: () => ({ fetch: async () => new Response("no", { status: 418, headers }) }),
      } as unknown as DurableObjectNamespace;
      const request = new Request("https://example.com/parties/chat/lobby", {
        headers: { Upgrade: "websocket", "Sec-WebSocket-Protocol": "partyflare.1" },
      });
      const options = { parties: { chat: namespace } };
      const response = await Party.fetchRoomForRequest(request, {}, options);
      expect([response?.status, response?.webSocket]).toEqual([418, null]);
      expect(ours(response as Response)).toEqual([]);
    },
  );
});
