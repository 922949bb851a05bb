/** What other rooms and other copies of the package give: promises that are functions, errors without our class. */
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { openStrictRoom, openTypedRoom } from "../test/rooms";
import { TestSocket } from "../test/test-socket";
import { Party } from "./index";

/** A room that is called over RPC. */
const other = () => Party.withRoom(env.HIBERNATING, `other-${crypto.randomUUID()}`);

/** As a second copy of the package would throw it. */
const fromAnotherCopy = () =>
  Object.assign(new Error("Not you."), {
    [Symbol.for("partyflare.PartyError")]: true,
    code: "banned",
    data: { until: "never" },
  });

/** Throwers of what is no instance of our class. */
const FOREIGN: [string, () => Promise<never>][] = [
  [
    "over RPC",
    async () => other().refuse("banned", { message: "Not you.", data: { until: "never" } }),
  ],
  [
    "of a second copy of the package",
    async () => {
      throw fromAnotherCopy();
    },
  ],
];

const RAW = { headers: { "Sec-WebSocket-Protocol": "partyflare.raw" } };

describe("a PartyError", () => {
  describe.each(FOREIGN)("%s", (_where, refuse) => {
    it("refuses from authorize, and is no error of the room", async () => {
      const { log, ...room } = openStrictRoom({
        authorize: refuse,
        onError: (_party, error) => void log.push(String(error)),
      });
      const response = await room.upgrade();
      expect([response.status, await response.text()]).toEqual([403, "Not you."]);
      const { webSocket } = await room.upgrade("", RAW);
      const socket = new TestSocket(webSocket as WebSocket, async () => {});
      expect(await socket.closed()).toEqual({ code: 4403, reason: "banned" });
      expect(log).toEqual([]);
    });

    it("closes from onConnect", async () => {
      const { log, ...room } = openStrictRoom({
        onConnect: refuse,
        onError: (_party, error) => void log.push(String(error)),
      });
      const socket = await room.connect();
      expect(await socket.closed()).toEqual({ code: 4403, reason: "banned" });
      expect(log).toEqual([]);
    });

    it("answers from onRequest", async () => {
      const { log, ...room } = openStrictRoom({
        onRequest: refuse,
        onError: (_party, error) => void log.push(String(error)),
      });
      const response = await room.request();
      expect([response.status, await response.text()]).toEqual([403, "Not you."]);
      expect(log).toEqual([]);
    });
  });
});

describe("a handler", () => {
  it.each(FOREIGN)("that throws a PartyError %s refuses with it", async (_where, refuse) => {
    const { log, ...room } = openTypedRoom("HIBERNATING_TYPED", {
      handle: { rename: refuse, say: refuse },
      onError: (_party, error) => void log.push(String(error)),
    });
    const socket = await room.connect("", ["partyflare.1"]);
    await socket.frame();
    await socket.sendFrame("$call", 1, "rename", { name: "Ada" });
    const error = { code: "banned", message: "Not you.", data: { until: "never" } };
    expect(await socket.frame()).toEqual(["$fail", 1, error]);
    await socket.sendFrame("say", { text: "hello" });
    expect(await socket.frame()).toMatchObject(["$error", error]);
    expect(log).toEqual([]);
    await socket.close();
  });
});

describe("a PartyError in the Worker", () => {
  it.each(FOREIGN)(
    "%s refuses from onBeforeConnect and onBeforeRequest",
    async (_where, refuse) => {
      const log = vi.spyOn(console, "error").mockImplementation(() => {});
      const url = "https://example.com/parties/hibernating/lobby";
      const plain = await Party.fetchRoomForRequest(new Request(url), env, {
        onBeforeRequest: refuse,
      });
      expect([plain?.status, await plain?.text()]).toEqual([403, "Not you."]);
      const headers = { Upgrade: "websocket", ...RAW.headers };
      const upgrade = new Request(url, { headers });
      const response = await Party.fetchRoomForRequest(upgrade, env, { onBeforeConnect: refuse });
      const socket = new TestSocket(response?.webSocket as WebSocket, async () => {});
      expect(await socket.closed()).toEqual({ code: 4403, reason: "banned" });
      expect(log).not.toHaveBeenCalled();
      log.mockRestore();
    },
  );
});

describe("the promise of an RPC call", () => {
  it("is a function, and thenable", async () => {
    const promise = other().ping();
    expect(typeof promise).toBe("function");
    await promise;
  });
});

describe("a handler that returns the promise of an RPC call", () => {
  it("is answered with what comes of it", async () => {
    const room = openTypedRoom("HIBERNATING_TYPED", { handle: { nothing: () => other().ping() } });
    const socket = await room.connect("", ["partyflare.1"]);
    await socket.frame();
    await socket.sendFrame("$call", 1, "nothing");
    expect(await socket.frame()).toEqual(["$reply", 1, expect.stringMatching(/^pong/)]);
    await socket.close();
  });

  it("has its rejection reported", async () => {
    const { log, ...room } = openTypedRoom("HIBERNATING_TYPED", {
      handle: { say: () => other().fail() },
      onError: (_party, error, { during }) => void log.push(`${String(error)} ${during}`),
    });
    const socket = await room.connect("", ["partyflare.1"]);
    await socket.frame();
    await socket.sendFrame("say", { text: "hello" });
    expect(await socket.frame()).toMatchObject(["$error", { code: "internal" }]);
    await vi.waitFor(() => expect(log).toEqual(["Error: failed handler"]), 60_000);
    await socket.close();
  });
});

describe("a hook that returns the promise of an RPC call", () => {
  it("has its rejection reported, and the next message waits for it", async () => {
    const { log, ...room } = openStrictRoom({
      onMessage: (_party, connection, message) =>
        message === "fail" ? other().fail() : connection.send(message),
      onError: (_party, error, { during }) => void log.push(`${String(error)} ${during}`),
    });
    const socket = await room.connect();
    socket.sendAll(["fail", "next"]);
    expect(await socket.next()).toBe("next");
    expect(log).toEqual(["Error: failed onMessage"]);
  });
});

it("a hook in the Worker that returns neither a Response nor a Request fails, and is named", async () => {
  const log = vi.spyOn(console, "error").mockImplementation(() => {});
  const request = new Request("https://example.com/parties/hibernating/lobby");
  const onBeforeRequest = () => "https://evil.example" as unknown as Request;
  const response = await Party.fetchRoomForRequest(request, env, { onBeforeRequest });
  expect(response?.status).toBe(500);
  expect(String(log.mock.calls)).toContain("onBeforeRequest returns a Response");
  log.mockRestore();
});
