import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { Hono, type MiddlewareHandler } from "hono";
import { compress } from "hono/compress";
import { setCookie } from "hono/cookie";
import { cors } from "hono/cors";
import { etag } from "hono/etag";
import { HTTPException } from "hono/http-exception";
import { logger } from "hono/logger";
import { secureHeaders } from "hono/secure-headers";
import { timing } from "hono/timing";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { type Script, scripts } from "../../test/parties";
import { TestSocket } from "../../test/test-socket";
import { rooms } from "./rooms";

type AppEnv = { Bindings: Cloudflare.Env };

const HANDSHAKE = { Upgrade: "websocket", "Sec-WebSocket-Protocol": "partyflare.raw" };

const newApp = () => new Hono<AppEnv>();

/** Returns the path of a new room, which echoes messages and answers with 2 kB of text. */
function openRoom(script: Script = {}, prefix = "/parties"): string {
  const name = `room-${crypto.randomUUID()}`;
  scripts.set(name, {
    onMessage: (_party, connection, message) => connection.send(message),
    onRequest: () => new Response("a room ".repeat(300), { headers: { "X-Room": "yes" } }),
    ...script,
  });
  return `${prefix}/hibernating/${name}`;
}

/** Sends a request to an app, as the platform does. */
async function ask(app: Pick<Hono<AppEnv>, "fetch">, path: string, init?: RequestInit) {
  const request = new Request(`https://example.com${path}`, init);
  return app.fetch(request, env, createExecutionContext());
}

/** Asserts that a client of the app connects to a room, and returns the answer to its upgrade. */
async function expectEcho(app: Pick<Hono<AppEnv>, "fetch">, path = openRoom(), headers = {}) {
  const response = await ask(app, path, { headers: { ...HANDSHAKE, ...headers } });
  expect(response.status).toBe(101);
  // What the platform sends: its copy takes the headers that the response really has.
  expect([...new Response(null, response).headers]).toEqual([
    ["sec-websocket-protocol", "partyflare.raw"],
  ]);
  const socket = new TestSocket(response.webSocket as WebSocket, async () => {});
  await socket.send("hello");
  expect(await socket.next()).toBe("hello");
  await socket.close();
}

async function closeOf(response: Response) {
  return new TestSocket(response.webSocket as WebSocket, async () => {}).closed();
}

function silenceLog() {
  const log = vi.spyOn(console, "error").mockImplementation(() => {});
  onTestFinished(() => log.mockRestore());
  return log;
}

/** Middleware of Hono: its name, it, and a header that it adds to plain answers. */
const MIDDLEWARE: [name: string, middleware: () => MiddlewareHandler, header: string][] = [
  ["secureHeaders", () => secureHeaders(), "X-Frame-Options"],
  ["cors", () => cors({ origin: "https://app.example", credentials: true }), "Vary"],
  ["etag", () => etag(), "ETag"],
  ["compress", () => compress(), "Content-Encoding"],
  ["timing", () => timing(), "Server-Timing"],
  ["logger", () => logger(() => {}), "X-Room"],
];

const REQUEST_HEADERS = { Origin: "https://app.example", "Accept-Encoding": "gzip" };

const LISTED = { allowedOrigins: ["https://app.example"], parties: ["HIBERNATING"] } as const;

describe.each(MIDDLEWARE)("%s", (_name, middleware, header) => {
  it("before rooms leaves a WebSocket alone, and adds its headers to plain answers", async () => {
    const app = newApp().use(middleware()).use(rooms(LISTED));
    await expectEcho(app, openRoom(), REQUEST_HEADERS);
    const response = await ask(app, openRoom(), { headers: REQUEST_HEADERS });
    expect([response.status, response.headers.get("X-Room")]).toEqual([200, "yes"]);
    expect(response.headers.has(header)).toBe(true);
  });

  it("after rooms runs for other requests only", async () => {
    const app = newApp().use(rooms(LISTED)).use(middleware());
    app.get("/page", (c) => c.text("a page ".repeat(300), 200, { "X-Room": "no" }));
    await expectEcho(app, openRoom(), REQUEST_HEADERS);
    const response = await ask(app, openRoom(), { headers: REQUEST_HEADERS });
    expect(response.headers.has(header)).toBe(header === "X-Room");
    expect(await response.text()).toContain("a room");
    const page = await ask(app, "/page", { headers: REQUEST_HEADERS });
    expect(page.headers.has(header)).toBe(true);
  });
});

describe("a WebSocket of a room", () => {
  it("passes all of them at once, around and inside a sub-app", async () => {
    const all = MIDDLEWARE.map(([, middleware]) => middleware());
    const inner = newApp();
    for (const each of all) inner.use(each);
    inner.use(rooms({ ...LISTED, prefix: "rooms" }));
    const app = newApp();
    for (const each of all) app.use(each);
    app.route("/api", inner);
    for (const each of all) app.use(each);
    await expectEcho(app, openRoom({}, "/api/rooms"), REQUEST_HEADERS);
  });

  it.each<[string, MiddlewareHandler]>([
    [
      "sets headers and cookies",
      async (c, next) => {
        setCookie(c, "before", "1");
        c.header("X-Before", "1");
        await next();
        setCookie(c, "after", "1");
        c.header("X-After", "1");
        c.res.headers.append("X-After", "2");
        expect(c.res.headers.get("X-After")).toContain("2");
      },
    ],
    [
      "reads a clone",
      async (c, next) => {
        await next();
        expect([c.res.status, await c.res.clone().text()]).toEqual([101, ""]);
      },
    ],
    [
      "copies it",
      async (c, next) => {
        await next();
        c.res = new Response(c.res.body, c.res);
        c.res.headers.set("X-Copy", "1");
        await c.res.clone().arrayBuffer();
      },
    ],
    [
      "replaces it",
      async (c, next) => {
        await next();
        c.res = undefined;
        c.res = new Response("replaced");
      },
    ],
    [
      "returns another answer",
      async (_c, next) => {
        await next();
        return new Response("returned");
      },
    ],
  ])("is left alone by middleware that %s", async (_what, middleware) => {
    await expectEcho(newApp().use(middleware).use(secureHeaders()).use(rooms()));
    // Without any other handler, Hono takes a way of its own.
    await expectEcho(newApp().use(rooms()));
  });

  it.each<[string, (next: () => Promise<void>) => Promise<void> | void]>([
    ["that fails", (next) => next()],
    ["that fails before the room has answered", (next) => void next()],
  ])("is refused by middleware %s, and the room sees it leave", async (_when, run) => {
    const log: string[] = [];
    const path = openRoom({
      onConnect: () => void log.push("connected"),
      onClose: () => void log.push("closed"),
    });
    const app = newApp()
      .use(async (_c, next) => {
        await run(next);
        throw new HTTPException(403, { message: "no" });
      })
      .use(rooms());
    const response = await ask(app, path, { headers: HANDSHAKE });
    expect([response.status, await response.text()]).toEqual([403, "no"]);
    await vi.waitFor(() => expect(log).toEqual(["connected", "closed"]), { timeout: 60_000 });
  });

  it.each<[string, MiddlewareHandler, number]>([
    ["answers", (c, next) => Promise.race([next(), Promise.resolve(c.text("late"))]), 200],
    ["fails", (_c, next) => Promise.race([next(), Promise.reject(new Error("late"))]), 500],
  ])("leaves the room also if middleware %s before the room", async (_how, middleware, status) => {
    silenceLog();
    const log: string[] = [];
    let goOn = () => {};
    const isLate = new Promise<void>((resolve) => (goOn = resolve));
    const path = openRoom({
      authorize: () => isLate,
      onConnect: () => void log.push("connected"),
      onClose: () => void log.push("closed"),
    });
    const app = newApp().use(middleware).use(rooms());
    const request = new Request(`https://example.com${path}`, { headers: HANDSHAKE });
    const context = createExecutionContext();
    expect((await app.fetch(request, env, context)).status).toBe(status);
    goOn();
    // The platform ends a request with its answer, and with what it waits for.
    await waitOnExecutionContext(context);
    expect(log).toContain("connected");
    await vi.waitFor(() => expect(log).toEqual(["connected", "closed"]), { timeout: 60_000 });
  });

  it("is refused with the room's close code, whatever middleware there is", async () => {
    const app = newApp().use(secureHeaders()).use(rooms());
    const headers = { ...HANDSHAKE };
    const path = "/parties/hibernating/%00";
    expect(await closeOf(await ask(app, path, { headers }))).toMatchObject({ code: 4400 });
  });
});

describe("an app", () => {
  it("goes on with what is no room's, up to its own notFound", async () => {
    silenceLog();
    const app = newApp().use(rooms({ parties: ["HIBERNATING"] }));
    app.get("/parties/in-memory/lobby", (c) => c.text("a page"));
    app.notFound((c) => c.text("nothing here", 404));
    expect(await (await ask(app, "/parties/in-memory/lobby")).text()).toBe("a page");
    const response = await ask(app, "/parties/nobody/lobby", { headers: HANDSHAKE });
    expect([response.status, await response.text()]).toEqual([404, "nothing here"]);
  });

  it("has rooms under its base path, which may have parameters", async () => {
    const based = newApp().basePath("/v1").use(secureHeaders()).use(rooms());
    await expectEcho(based, openRoom({}, "/v1/parties"));
    expect((await ask(based, openRoom())).status).toBe(404);

    const tenant = newApp().use(rooms({ prefix: "/rooms/" }));
    const app = newApp().route("/:tenant", tenant);
    await expectEcho(app, openRoom({}, "/acme/rooms"));
    const bare = newApp().route("/deep/er", newApp().use(rooms({ prefix: "" })));
    await expectEcho(bare, openRoom({}, "/deep/er"));
  });

  it("may keep rooms to one path, or be the handler of a route", async () => {
    const app = newApp().use(secureHeaders()).use("/parties/*", rooms());
    await expectEcho(app);
    await expectEcho(newApp().use(secureHeaders()).all("/parties/*", rooms()));
  });

  it("may be mounted in another app, behind middleware of that one", async () => {
    const inner = newApp().use(rooms(LISTED));
    const app = newApp();
    for (const [, middleware] of MIDDLEWARE) app.use(middleware());
    app.all("/parties/*", (c) => inner.fetch(c.req.raw, c.env, c.executionCtx));
    const response = await ask(app, openRoom(), { headers: { ...HANDSHAKE, ...REQUEST_HEADERS } });
    expect(response.status).toBe(101);
    const socket = new TestSocket(response.webSocket as WebSocket, async () => {});
    await socket.send("hello");
    expect(await socket.next()).toBe("hello");
    await socket.close();
  });

  it("may have error handlers of its own and of its sub-apps", async () => {
    const inner = newApp().use(rooms());
    inner.onError((_error, c) => c.text("inner", 500));
    const app = newApp().use(secureHeaders()).route("/", inner);
    app.onError((_error, c) => c.text("outer", 500));
    await expectEcho(app);
  });

  it("passes on a body, also one that its middleware has read", async () => {
    const path = openRoom({ onRequest: async (_party, request) => new Response(request.body) });
    const app = newApp()
      .use("*", async (c, next) => {
        if (c.req.query("read")) expect(await c.req.text()).toBe("hello");
        await next();
      })
      .use(
        rooms({
          onBeforeRequest: async (request) =>
            request.url.endsWith("answer") ? new Response(await request.text()) : undefined,
        }),
      );
    const init = { method: "POST", body: "hello" };
    for (const query of ["", "?read=1", "?read=1&answer", "?answer"]) {
      expect(await (await ask(app, `${path}${query}`, init)).text()).toBe("hello");
    }
  });

  it("has options that depend on its context", async () => {
    const app = newApp().use(
      rooms<AppEnv>((c) => ({
        parties: { talk: c.env.HIBERNATING as unknown as DurableObjectNamespace },
      })),
    );
    const path = openRoom().replace("hibernating", "talk");
    await expectEcho(app, path);
    expect((await ask(app, openRoom())).status).toBe(404);
  });

  it("leaves an answer to HEAD without a body, and a preflight to cors", async () => {
    const app = newApp().use(rooms({ cors: true }));
    const head = await ask(app, openRoom(), { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
    const headers = { Origin: "https://app.example", "Access-Control-Request-Method": "PUT" };
    const preflight = await ask(app, openRoom(), { method: "OPTIONS", headers });
    expect(preflight.headers.get("Access-Control-Allow-Origin")).toBe("*");
  });
});

describe("a hook", () => {
  type WithUser = AppEnv & { Variables: { user: string } };

  it("gets Hono's context with what middleware has set, and may replace the request", async () => {
    const app = new Hono<WithUser>()
      .use(async (c, next) => {
        c.set("user", "ada");
        await next();
      })
      .use(
        rooms<WithUser>({
          onBeforeConnect: (request, { party, room }, c) => {
            expect([party, `/parties/${party}/${room}`]).toEqual(["hibernating", c.req.path]);
            const headers = new Headers(request.headers);
            headers.set("X-User", c.var.user);
            return new Request(request, { headers });
          },
          onBeforeRequest: (_request, _address, c) => c.text(`no, ${c.get("user")}`, 403),
        }),
      );
    let seen: string | null = null;
    const authorize = (_party: unknown, { headers }: Request) => {
      seen = headers.get("X-User");
    };
    const path = openRoom({ authorize });
    await expectEcho(app, path);
    expect(seen).toBe("ada");
    const response = await ask(app, path);
    expect([response.status, await response.text()]).toEqual([403, "no, ada"]);
  });

  it("answers with the HTTPException that it throws, by a close code to our clients", async () => {
    const refuse = () => {
      throw new HTTPException(401, { message: "log in" });
    };
    const app = newApp().use(rooms({ onBeforeConnect: refuse, onBeforeRequest: refuse }));
    const plain = await ask(app, openRoom());
    expect([plain.status, await plain.text()]).toEqual([401, "log in"]);
    const upgrade = await ask(app, openRoom(), { headers: HANDSHAKE });
    expect(await closeOf(upgrade)).toEqual({ code: 4401, reason: "unauthorized" });
  });

  it("that fails is logged, and answered without its reason", async () => {
    const log = silenceLog();
    const onBeforeRequest = () => {
      throw new Error("secret");
    };
    const app = newApp().use(rooms({ onBeforeRequest }));
    app.onError((error, c) => c.text(error.message, 418));
    const response = await ask(app, openRoom());
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain("secret");
    expect(log).toHaveBeenCalledOnce();
  });
});

describe("a mistake", () => {
  it.each([["Chat"], [7], [null], [["Chat"]], [Promise.resolve({})]])(
    "is named: options %j",
    async (options) => {
      const message =
        /^rooms\(\) takes an object of options, or a function that returns one, and got/;
      expect(() => rooms(options as never)).toThrow(message);
      const failures: Error[] = [];
      const app = newApp().use(rooms(() => options as never));
      app.onError((error, c) => {
        failures.push(error);
        return c.text("failed", 500);
      });
      expect((await ask(app, openRoom())).status).toBe(500);
      expect(failures[0]?.message).toMatch(message);
    },
  );

  it("is named: a request for a room without bindings, and no other request", async () => {
    const failures: Error[] = [];
    const app = newApp().use(rooms());
    app.get("/page", (c) => c.text("a page"));
    app.onError((error, c) => {
      failures.push(error);
      return c.text("failed", 500);
    });
    expect(await (await app.request("/page")).text()).toBe("a page");
    expect((await app.request(openRoom())).status).toBe(500);
    expect(failures[0]?.message).toMatch(/^rooms\(\) found no bindings in c\.env: pass env to /);
    expect((await app.request(openRoom(), {}, env)).status).toBe(200);
  });
});
