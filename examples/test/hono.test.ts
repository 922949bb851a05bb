import { connect } from "@partyflare/client";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import type { board } from "../hono/contract";
import { ROOT } from "./documents";
import { browserWith, enter, isOpen, PATIENCE, Recipe, refusalOf } from "./recipe";
import { PlainClient, type RunningWorker, startWorker } from "./worker-process";

describe("the recipe of Hono", () => {
  const recipe = new Recipe("docs/recipes/hono.md", { party: "Chat" });
  let worker: RunningWorker;

  beforeAll(async () => {
    recipe.write(".dev.vars", 'API_TOKEN="for-tests-only"\n');
    worker = await recipe.start();
  });
  afterAll(() => recipe[Symbol.asyncDispose]());

  const origin = "https://app.example.com";

  it("connects pages of its list, and no others, behind middleware that sets headers", async () => {
    const room = crypto.randomUUID();
    const ada = enter(worker, { party: "chat", room, WebSocket: browserWith({ origin }) });
    const bob = enter(worker, { party: "chat", room });
    await isOpen(bob);
    ada.emit("say", { text: "hello" });
    await vi.waitFor(() => expect(bob.latest("said")).toEqual({ text: "hello" }), PATIENCE);
    const path = `/parties/chat/${room}`;
    const foreign = PlainClient.connect(worker, path, { Origin: "https://evil.example" });
    await expect(foreign).rejects.toThrow("403");
    const plain = await fetch(new URL(path, worker.url), { headers: { Origin: origin } });
    expect(await plain.json()).toEqual({ here: 2 });
    expect(plain.headers.get("Access-Control-Allow-Origin")).toBe(origin);
    expect(plain.headers.get("X-Frame-Options")).toBe("SAMEORIGIN");
    expect(plain.headers.get("ETag")).toMatch(/^"/);
    ada.close();
    bob.close();
  });

  it("gets a 101 without the headers of its middleware", async () => {
    const socket = new WebSocket(new URL("/parties/chat/lobby", worker.url).href);
    const [{ headers }] = (await once(socket, "upgrade")) as [IncomingMessage];
    expect(Object.keys(headers)).toContain("sec-websocket-accept");
    expect(Object.keys(headers)).not.toContain("x-frame-options");
    socket.close();
    await once(socket, "close");
  });

  it("publishes from a route of the API, which has middleware of its own", async () => {
    const room = crypto.randomUUID();
    const ada = enter(worker, { party: "chat", room });
    await isOpen(ada);
    const say = (token: string) => {
      const headers = { Origin: origin, Authorization: `Bearer ${token}` };
      const body = "The soup is ready.";
      return fetch(new URL(`/api/say/${room}`, worker.url), { method: "POST", headers, body });
    };
    expect((await say("guess")).status).toBe(401);
    const { headers } = await say("for-tests-only");
    await vi.waitFor(
      () => expect(ada.latest("said")).toEqual({ text: "The soup is ready." }),
      PATIENCE,
    );
    expect(headers.get("Access-Control-Allow-Origin")).toBe(origin);
    ada.close();
    expect((await fetch(new URL("/parties/nobody/x", worker.url))).status).toBe(404);
  });
});

describe("the Hono example", () => {
  let worker: RunningWorker;

  beforeAll(async () => {
    worker = await startWorker(join(ROOT, "examples/hono/wrangler.jsonc"));
  });
  afterAll(() => worker[Symbol.asyncDispose]());

  async function logIn(name: string): Promise<string> {
    const response = await fetch(new URL("/login", worker.url), { method: "POST", body: name });
    expect([response.status, response.headers.get("X-Frame-Options")]).toEqual([204, "SAMEORIGIN"]);
    return (response.headers.get("Set-Cookie") ?? "").split(";")[0] ?? "";
  }

  it("knows in the room who has logged in, over a WebSocket and over the API", async () => {
    const room = crypto.randomUUID();
    const [Cookie, bobs] = [await logIn("ada"), await logIn("bob")];
    const enterWith = (cookie: string) =>
      connect<typeof board>({
        host: worker.url.host,
        party: "board",
        room,
        WebSocket: browserWith({ headers: { Cookie: cookie } }),
      });
    const [ada, bob] = [enterWith(Cookie), enterWith(bobs)];
    const pinned = bob.events("pinned");
    await vi.waitFor(() => expect(bob.status.state).toBe("open"), PATIENCE);
    ada.emit("pin", { text: "by the room" });
    expect((await pinned.next()).value).toEqual({ by: "ada", text: "by the room" });
    const path = `/api/boards/${room}`;
    await fetch(new URL(path, worker.url), {
      method: "POST",
      headers: { Cookie },
      body: "by HTTP",
    });
    expect((await pinned.next()).value).toEqual({ by: "ada", text: "by HTTP" });
    const here = await fetch(new URL(`/parties/board/${room}`, worker.url), {
      headers: { Cookie },
    });
    expect(await here.json()).toEqual({ here: expect.arrayContaining(["ada", "bob"]) });
    ada.close();
    bob.close();
  });

  it("refuses strangers, and a client that names a user itself", async () => {
    const address = { party: "board", room: crypto.randomUUID() };
    expect(await refusalOf(enter(worker, address))).toMatchObject({ code: "unauthorized" });
    const headers = { "X-User": "ada" };
    const path = `/parties/board/${address.room}`;
    await expect(PlainClient.connect(worker, path, headers)).rejects.toThrow("401");
    expect((await fetch(new URL(path, worker.url), { headers })).status).toBe(401);
  });
});
