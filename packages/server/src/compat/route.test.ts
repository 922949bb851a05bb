import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { connect, openServer } from "../../test/compat-room";
import { scripts } from "../../test/parties";
import { serverScripts } from "../../test/compat-servers";
import { partyName } from "./bindings";
import { getServerByName, routePartykitRequest, Server } from "./partyserver";
import { reportOnce } from "./report";

const url = (room: string) => `https://example.com/parties/compat/${room}`;

it("keeps a room under its name as it stands in the URL", async () => {
  const names = ["a%20b", "a%2Fb", "caf%C3%A9", "cafe%CC%81", "%F0%9F%8E%89", "Plain", "caf%25"];
  const suffix = crypto.randomUUID();
  for (const raw of names) {
    const name = `${raw}${suffix}`;
    serverScripts.set(name, {
      onRequest(_request, server) {
        server.storage.kv.put("said", raw);
        return new Response(server.name);
      },
    });
    const response = await routePartykitRequest(new Request(url(name)), env);
    expect(await response?.text()).toBe(name);
  }
  // A URL parser writes them like this, so these are the same rooms.
  for (const [text, name] of [
    ["a b", "a%20b"],
    ["café", "caf%C3%A9"],
    ["🎉", "%F0%9F%8E%89"],
  ]) {
    const response = await routePartykitRequest(new Request(url(`${text}${suffix}`)), env);
    expect(await response?.text()).toBe(`${name}${suffix}`);
  }
});

it("leads clients of this library to the room that partysocket reaches by the same name", async () => {
  const suffix = crypto.randomUUID();
  const seen: string[] = [];
  const names = [
    "user:42",
    "me@example.com",
    "a+b",
    "a,b",
    "doc=1&x",
    "50%",
    "a%20b",
    "café",
    "a b",
  ];
  for (const text of names) {
    const room = `${text}${suffix}`;
    const name = new URL(url(room)).pathname.split("/").at(-1) ?? "";
    serverScripts.set(name, { onConnect: (_connection, server) => void seen.push(server.name) });
    for (const [segment, protocols] of [
      [room, "none"],
      [encodeURIComponent(room), "partyflare.raw"],
    ] as const) {
      const headers = { Upgrade: "websocket", "Sec-WebSocket-Protocol": protocols };
      const response = await routePartykitRequest(new Request(url(segment), { headers }), env);
      response?.webSocket?.accept();
      response?.webSocket?.close();
    }
    expect(seen.splice(0)).toEqual([name, name]);
  }
});

describe("a room's name of more than 1,024 bytes, which the platform does not keep", () => {
  const nameOf = (bytes: number) => crypto.randomUUID().padEnd(bytes, "%C3%A9x");

  it("is refused before the room starts, and one line in the console says so", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const name = nameOf(1_025);
    const onStart = vi.fn();
    serverScripts.set(name, { onStart, onRequest: () => new Response("ok") });
    const answer = await routePartykitRequest(new Request(url(name)), env);
    expect([answer?.status, await answer?.text()]).toEqual([
      400,
      "A room's name has at most 1,024 bytes as it stands in the URL: the platform keeps no longer one.",
    ]);
    await expect(connect(url(name))).rejects.toThrow("400");
    // A browser cannot read the status of an upgrade, so a client of ours gets a code.
    const headers = { "Sec-WebSocket-Protocol": "partyflare.raw" };
    expect(await (await connect(url(name), { headers })).closed()).toMatchObject({ code: 4400 });
    expect(onStart).not.toHaveBeenCalled();
    await runInDurableObject(env.COMPAT.getByName(name), async (_server, { storage }) => {
      expect((await storage.list()).size).toBe(0);
    });
    expect(warn.mock.calls.flat().join("\n")).toContain("at most 1,024 bytes");
    warn.mockRestore();
  });

  it("has a room if it was stored: by setName(), or by an older partyserver", async () => {
    const name = nameOf(3_000);
    serverScripts.set(name, { onRequest: (_request, server) => new Response(server.name) });
    await getServerByName(env.COMPAT, name);
    await evictDurableObject(env.COMPAT.getByName(name));
    expect(await (await routePartykitRequest(new Request(url(name)), env))?.text()).toBe(name);
  });

  it("begins after 1,024 bytes", async () => {
    const name = nameOf(1_024);
    serverScripts.set(name, { onRequest: (_request, server) => new Response(server.name) });
    expect(await (await routePartykitRequest(new Request(url(name)), env))?.text()).toBe(name);
  });
});

it("routes to a party too, with the same names", async () => {
  const name = `caf%C3%A9-${crypto.randomUUID()}`;
  scripts.set(name, { onRequest: (party) => new Response(party.room) });
  const request = new Request(`https://example.com/parties/in-memory/${name}`);
  expect(await (await routePartykitRequest(request, env))?.text()).toBe(name);
});

it("names parties by their bindings, as partyserver does", () => {
  const names = [
    "Chat",
    "MyChat",
    "MY_CHAT",
    "CHAT",
    "my_chat",
    "myChat",
    "HTTPRoom",
    "Chat_",
    "CHAT_",
  ];
  expect(names.map(partyName)).toEqual([
    "chat",
    "my-chat",
    "my-chat",
    "chat",
    "my-chat",
    "my-chat",
    "h-t-t-p-room",
    "chat",
    "chat-",
  ]);
});

it("returns null for other URLs, and 400 for a party without a binding", async () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  const ask = async (path: string) =>
    (await routePartykitRequest(new Request(`https://example.com${path}`), env))?.status;
  expect(await Promise.all(["/", "/parties/compat", "/else/compat/x"].map(ask))).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect([await ask("/parties/nowhere/x"), await ask("/parties/COMPAT/x")]).toEqual([400, 400]);
  expect(warn.mock.calls.flat().join("\n")).toContain('no party "nowhere". The parties are');
  warn.mockRestore();
  // A browser cannot read the status of an upgrade, so a client of ours gets a code.
  const headers = { "Sec-WebSocket-Protocol": "partyflare.1" };
  const refused = await connect("https://example.com/parties/nowhere/x", { headers });
  expect(await refused.closed()).toMatchObject({ code: 4400 });
});

it("still reports the app's own differences after requests for many unknown parties", async () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  for (let number = 0; number < 64; number += 1) {
    // oxlint-disable-next-line no-await-in-loop -- the reports come in order
    await routePartykitRequest(new Request(`https://example.com/parties/no-${number}/x`), {});
  }
  expect(warn.mock.calls.length).toBeLessThan(16);
  reportOnce(`a report of its own: ${crypto.randomUUID()}`);
  expect(warn.mock.lastCall?.join()).toContain("a report of its own");
  warn.mockRestore();
});

it("lets pages of every host connect, unless allowedOrigins lists them", async () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  const room = openServer("COMPAT");
  const headers = { Origin: "https://foreign.example" };
  expect((await room.connect("", { headers })).isClosed).toBe(false);
  const some = { allowedOrigins: ["https://app.example"] };
  await expect(room.connect("", { headers }, some)).rejects.toThrow("403");
  expect(warn.mock.calls.flat().join("\n")).toContain("allowedOrigins");
  warn.mockRestore();
});

it("passes props to the start of a room, and none from a client", async () => {
  const onStart = vi.fn();
  const room = openServer("COMPAT", {
    onStart: (_server, props) => onStart(props),
    onRequest: ({ headers }) => Response.json([...headers].filter(([name]) => /kit/.test(name))),
  });
  const forged = { "X-PartyKit-Props": btoa('{"isAdmin":true}'), "X-PartyKit-Room": "other" };
  const answer = await room.request("", { headers: forged }, { props: { by: "Usuário" } });
  expect(onStart.mock.calls).toEqual([[{ by: "Usuário" }]]);
  const sent = Object.fromEntries(await answer.json<[string, string][]>());
  expect(sent).toMatchObject({ "x-partykit-namespace": "compat" });
  expect(sent["x-partykit-room"]).toBe(room.name);
  const other = openServer("COMPAT", { onStart: (_server, props) => onStart(props) });
  await other.request("", { headers: forged });
  expect(onStart.mock.lastCall).toEqual([undefined]);
});

it("passes none of a client's headers on, although a hook copies its request", async () => {
  const onStart = vi.fn();
  const room = openServer("COMPAT", {
    onStart: (_server, props) => onStart(props),
    onRequest: ({ headers }) => new Response(headers.get("x-partykit-namespace")),
  });
  const headers = { "X-PartyKit-Props": btoa('{"isAdmin":true}'), "X-PartyKit-Namespace": "other" };
  const request = new Request(url(room.name), { headers });
  const answer = await routePartykitRequest(request, env, {
    onBeforeRequest: () => new Request(request),
  });
  expect(await answer?.text()).toBe("compat");
  expect(onStart.mock.calls).toEqual([[undefined]]);
});

it("passes props on that a hook has set", async () => {
  const onStart = vi.fn();
  const room = openServer("COMPAT", { onStart: (_server, props) => onStart(props) });
  const onBeforeRequest = (request: Request) => {
    const changed = new Request(request);
    changed.headers.set("X-PartyKit-Props", btoa('{"by":"hook"}'));
    return changed;
  };
  await room.request("", {}, { onBeforeRequest });
  expect(onStart.mock.calls).toEqual([[{ by: "hook" }]]);
});

it("reads the props of a Worker with an older partyserver, which are plain JSON", async () => {
  const onStart = vi.fn();
  const room = openServer("COMPAT", { onStart: (_server, props) => onStart(props) });
  const answer = await room.stub.fetch(url(room.name), {
    headers: { "X-PartyKit-Props": '{"a":1}' },
  });
  await answer.text();
  expect(onStart.mock.calls).toEqual([[{ a: 1 }]]);
});

it("passes the address to the hooks, and their requests and answers on", async () => {
  const room = openServer("COMPAT", { onRequest: ({ headers }) => Response.json([...headers]) });
  const lobbies: unknown[] = [];
  const answer = await room.request(
    "",
    {},
    {
      cors: true,
      onBeforeRequest(request, lobby) {
        lobbies.push(lobby);
        const changed = new Request(request);
        changed.headers.set("X-User", "ada");
        return changed;
      },
    },
  );
  expect(lobbies).toEqual([{ party: "compat", className: "COMPAT", name: room.name }]);
  expect(await answer.json()).toContainEqual(["x-user", "ada"]);
  expect(answer.headers.get("Access-Control-Allow-Origin")).toBe("*");
  const no = { onBeforeConnect: () => new Response("no", { status: 401 }) };
  await expect(room.connect("", {}, no)).rejects.toThrow("401");
  const thrown = { onBeforeRequest: () => Promise.reject(new Error("of the app")) };
  await expect(room.request("", {}, thrown)).rejects.toThrow("of the app");
});

describe("a room that does not answer", () => {
  const failing = (errors: object[]) => {
    const fetch = vi.fn(async (request: Request) => {
      await request.text();
      const error = errors.shift();
      if (error) throw Object.assign(new Error("no answer"), error);
      return new Response("ok");
    });
    return { fetch, env: { Fake: { idFromName: (name: string) => name, get: () => ({ fetch }) } } };
  };
  const fakeUrl = "https://example.com/parties/fake/room";

  it("is asked again where the platform allows it, and the app is told", async () => {
    const { fetch, env } = failing([{ retryable: true }, { retryable: true }]);
    const onRetry = vi.fn();
    const routingRetry = { baseDelayMs: 1, maxDelayMs: 1, onRetry };
    const response = await routePartykitRequest(new Request(fakeUrl), env, { routingRetry });
    expect([response?.status, fetch.mock.calls.length]).toEqual([200, 3]);
    expect(onRetry.mock.calls[0]).toEqual([
      expect.objectContaining({ attempt: 1, maxAttempts: 3, name: "room", className: "Fake" }),
    ]);
  });

  it.each([
    [{ retryable: true, overloaded: true }, {}, "GET"],
    [{ retryable: false }, {}, "GET"],
    [{ retryable: true }, false, "GET"],
    [{ retryable: true }, {}, "POST"],
  ] as const)("is asked once after %o with %o and %s", async (error, routingRetry, method) => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const { fetch, env } = failing([error]);
    const asking = routePartykitRequest(new Request(fakeUrl, { method }), env, { routingRetry });
    await expect(asking).rejects.toThrow("no answer");
    expect(fetch).toHaveBeenCalledTimes(1);
    warn.mockRestore();
  });

  it("is sent a POST again with anyMethod", async () => {
    const { fetch, env } = failing([{ retryable: true }]);
    const request = new Request(fakeUrl, { method: "POST", body: "text" });
    const routingRetry = { anyMethod: true, baseDelayMs: 1 };
    await routePartykitRequest(request, env, { routingRetry });
    expect(fetch).toHaveBeenCalledTimes(2);
  });
});

it("names what is missing in one sentence", async () => {
  const request = new Request(url("x"));
  await expect(routePartykitRequest(request, null as never)).rejects.toThrow(
    "The bindings are missing: pass the `env` of the Worker's fetch, not null.",
  );
  await expect(getServerByName(undefined as never, "x")).rejects.toThrow(
    "add the class to `durable_objects.bindings` in wrangler.jsonc",
  );
  await expect(
    routePartykitRequest(request, env, { routingRetry: { maxAttempts: 0 } }),
  ).rejects.toThrow("routingRetry.maxAttempts is a whole number from 1, not 0.");
  class Wrong extends Server {
    static override options = { hibernates: true } as object;
  }
  await runInDurableObject(openServer("COMPAT").stub, (_server, ctx) => {
    expect(() => new Wrong(ctx, env)).toThrow("Wrong.options.hibernates does not exist.");
  });
});

it("returns the stub of a room that has started", async () => {
  const onStart = vi.fn();
  const room = openServer("COMPAT", { onStart: (_server, props) => onStart(props) });
  const stub = await getServerByName(env.COMPAT, room.name, { props: { a: 1 } });
  expect(onStart.mock.calls).toEqual([[{ a: 1 }]]);
  expect(await stub.name).toBe(room.name);
  await runInDurableObject(room.stub, async (server) => {
    await expect(server.setName("other")).rejects.toThrow(`created for name "${room.name}"`);
  });
});
