/**
 * One test for each threat of docs/security.md that a room or its Worker answers, named after it.
 * Those that need a real network are in `faults/`, those of the client beside the client.
 */
import { runInDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { roomPath } from "@partyflare/shared";
import { expect, it, vi } from "vitest";
import { scripts } from "../test/parties";
import { describeRooms, describeTypedRooms, openStrictRoom } from "../test/rooms";
import { Party } from "./index";

const FRAMED = ["partyflare.1"];

describeRooms("threat", (open) => {
  it("cross-site WebSocket hijacking", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    const woken = vi.fn();
    const room = open({ onStart: woken });
    const foreign = { headers: { Origin: "https://evil.example", Cookie: "session=1" } };
    expect((await room.upgrade("", foreign)).status).toBe(403);
    expect(woken).not.toHaveBeenCalled();
    log.mockRestore();
  });

  it("internal headers from outside", async () => {
    const room = open({
      onConnect: (party, connection) =>
        connection.send(JSON.stringify([party.room, connection.id, connection.state])),
    });
    const forged = Object.fromEntries(
      ["partykit", "partyserver", "partyflare"].flatMap((library) =>
        ["room", "namespace", "props", "id", "pk"].map((what) => [
          `x-${library}-${what}`,
          "forged",
        ]),
      ),
    );
    const { webSocket } = await room.upgrade("?_pk=ada", { headers: forged });
    const messages: unknown[] = [];
    webSocket?.addEventListener("message", ({ data }) => void messages.push(data));
    webSocket?.accept();
    await vi.waitFor(() => expect(messages).toEqual([JSON.stringify([room.name, "ada", null])]), {
      timeout: 60_000,
    });
    webSocket?.close();
  });

  it("taking another's connection id", async () => {
    const room = open({ onConnect: (_party, connection) => connection.send("welcome") });
    const key = ["partyflare.raw", "partyflare.key.mine"];
    const victim = await room.connect("?_pk=ada", key);
    const thief = await room.connect("?_pk=ada", ["partyflare.raw", "partyflare.key.yours"]);
    expect((await thief.closed()).code).toBe(4403);
    expect((await room.upgrade("?_pk=ada")).status).toBe(403);
    expect(victim.isClosed).toBe(false);
  });

  it("the old socket's late close removes the new one of the same id", async () => {
    const log: string[] = [];
    const room = open({
      onMessage: (party, connection, message) => party.getConnection("ada")?.send(message),
      onClose: (_party, connection, code) => void log.push(`${connection.id} ${code}`),
    });
    const older = await room.connect("?_pk=ada");
    const newer = await room.connect("?_pk=ada");
    await older.closed();
    await room.sleep();
    await newer.send("still listed");
    expect(await newer.next()).toBe("still listed");
    expect(log).toEqual(["ada 4409"]);
  });

  it("stack traces, paths and storage errors sent to clients", async () => {
    const room = open({
      onError: () => {},
      onRequest: (party) => {
        party.storage.sql.exec("SELECT * FROM secret_table");
        return new Response();
      },
      authorize: (party) => party.storage.sql.exec("SELECT * FROM secret_table"),
    });
    const answers = [await room.request(), await room.upgrade()];
    for (const answer of answers) {
      expect(answer.status).toBe(500);
      expect(await answer.text()).toBe("Something went wrong in the room.");
    }
    const refused = await room.connect("", FRAMED);
    await refused.closed();
    expect(JSON.stringify(refused.received)).not.toMatch(/secret|sqlite|\.ts|at /i);
  });

  it("an async handler's rejection that escapes", async () => {
    const log: string[] = [];
    const room = open({
      async onMessage(_party, connection, message) {
        await scheduler.wait(1);
        if (message === "fail") throw new Error("late");
        connection.send(message);
      },
      onError: (_party, error, { during }) => void log.push(`${String(error)} ${during}`),
    });
    const socket = await room.connect();
    socket.sendAll(["fail", "go on"]);
    expect(await socket.next()).toBe("go on");
    expect(log).toEqual(["Error: late onMessage"]);
  });

  it("tokens in URLs and logs", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    const room = open({
      authorize: (_party, { url }, { token }) => {
        expect(url).not.toContain("secret");
        throw new Error(`${token?.length} characters`);
      },
    });
    const offer = [
      "partyflare.raw",
      `partyflare.token.${btoa("secret token")}`,
      "partyflare.key.x",
    ];
    const headers = { "Sec-WebSocket-Protocol": offer.join(", ") };
    const { headers: answered, webSocket } = await room.upgrade("", { headers });
    webSocket?.accept();
    expect(answered.get("Sec-WebSocket-Protocol")).toBe("partyflare.raw");
    const logged = String(log.mock.calls);
    expect(logged).toContain("12 characters");
    expect(logged).not.toMatch(/secret|c2Vjcm/);
    log.mockRestore();
  });
});

describeTypedRooms("threat", (open) => {
  it("prototype pollution, a handler called constructor, JSON 10,000 levels deep", async () => {
    const room = open({
      handle: { anything: (_party, from, data) => from.emit("anything", data) },
    });
    const socket = await room.connect("", FRAMED);
    await socket.frame();
    socket.sendAll([
      '["anything",{"__proto__":{"polluted":true}}]',
      '["constructor",{}]',
      '["$call",1,"constructor",{}]',
      '["$call",2,"__proto__",{}]',
      `["anything",${"[".repeat(10_000)}${"]".repeat(10_000)}]`,
      '["anything","still here"]',
    ]);
    const answers = [];
    for (let count = 0; count < 6; count += 1) answers.push(await socket.frame());
    expect(answers).toMatchObject([
      ["$error", { code: "bad_frame" }],
      ["$error", { code: "unknown_event" }],
      ["$fail", 1, { code: "unknown_call" }],
      ["$fail", 2, { code: "unknown_call" }],
      ["$error", { code: "bad_frame" }],
      ["anything", "still here"],
    ]);
    expect({}).not.toHaveProperty("polluted");
  });

  it("oversized and endless messages", async () => {
    const room = open({});
    const socket = await room.connect("", FRAMED);
    await socket.frame();
    socket.sendAll([`["anything","${"x".repeat(1_024 * 1_024)}"]`]);
    expect(await socket.frame()).toMatchObject(["$error", { code: "too_large" }]);
    expect((await socket.closed()).code).toBe(4413);
  });
});

it("threat: reaching Durable Objects that were never meant to be parties", async () => {
  const get = (path: string) =>
    Party.fetchRoomForRequest(new Request(`https://example.com${path}`), env, {
      parties: ["HIBERNATING"],
    });
  for (const party of [
    "other",
    "OTHER",
    "service",
    "kv",
    "text",
    "constructor",
    "__proto__",
    "no",
  ]) {
    expect(get(`/parties/${party}/x`)).toBeNull();
  }
});

it("threat: room-name tricks", async () => {
  const ask = (room: string) =>
    exports.default.fetch(`https://example.com/parties/hibernating/${room}`);
  for (const room of ["%", "%zz", "%C0%AF", "%00", "a%0d%0ab", "%E2%80%AE", "x".repeat(3_000)]) {
    const response = await ask(room);
    expect([room, response.status]).toEqual([room, 400]);
    expect(response.headers.get("Content-Type")).toMatch(/^text\/plain/);
    await response.text();
  }
  const name = `a/../b?c#d ${crypto.randomUUID()}`;
  scripts.set(name, { onRequest: (party) => new Response(party.room) });
  const path = roomPath({ party: "hibernating", room: name });
  expect(await (await exports.default.fetch(`https://example.com${path}`)).text()).toBe(name);
});

it("threat: a 16 kB URL", async () => {
  const url = `https://example.com/parties/hibernating/lobby?${"x".repeat(16_384)}`;
  expect((await exports.default.fetch(url)).status).toBe(414);
});

it("threat: a client list that grows without end", async () => {
  const room = openStrictRoom({});
  for (const id of ["a", "b"]) await room.connect(`?_pk=${id}`);
  expect((await room.upgrade("?_pk=c")).status).toBe(503);
  const listed = await runInDurableObject(room.stub, (party) => party.getConnections().length);
  expect(listed).toBe(2);
});

it("threat: cors: true with credentials", async () => {
  const request = new Request("https://example.com/parties/bare/x", {
    headers: { Origin: "https://evil.example" },
  });
  const response = await Party.fetchRoomForRequest(request, env, { cors: true });
  expect(response?.headers.get("Access-Control-Allow-Origin")).toBe("*");
  expect(response?.headers.has("Access-Control-Allow-Credentials")).toBe(false);
});
