import { once } from "node:events";
import { pathToFileURL } from "node:url";
import { join } from "node:path";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import { browserWith, enter, isOpen, PATIENCE, Recipe, refusalOf } from "./recipe";
import { PlainClient, type RunningWorker } from "./worker-process";

describe("the recipe of publishing", () => {
  const recipe = new Recipe("docs/recipes/publish.md", { party: "News" });
  const secret = "for tests only";
  let worker: RunningWorker;

  beforeAll(async () => {
    recipe.write(".dev.vars", `PUBLISH_SECRET="${secret}"\n`);
    worker = await recipe.start("kitchen/wrangler.jsonc");
  });
  afterAll(() => recipe[Symbol.asyncDispose]());

  /** Publishes as another server does. */
  const publish = (text: string, authorization = `Bearer ${secret}`) => {
    const headers = { Authorization: authorization };
    return fetch(new URL("/publish", worker.url), { method: "POST", headers, body: text });
  };

  it("reaches clients from a backend, another Worker and a cron", async () => {
    const program = recipe.run("page.ts");
    const prints = (text: string) =>
      vi.waitFor(() => expect(program.output.split("\n")).toContain(text), PATIENCE);
    expect((await publish("The soup is ready.")).status).toBe(204);
    await prints("The soup is ready.");
    await fetch(new URL("/cdn-cgi/handler/scheduled", worker.url));
    await vi.waitFor(() => expect(program.output).toMatch(/^It is .+Z\.$/m), PATIENCE);
    expect((await worker.harness.getWorker("my-kitchen").fetch("/")).status).toBe(204);
    await vi.waitFor(() => expect(program.output.match(/soup/g)).toHaveLength(2), PATIENCE);
    const late = recipe.run("page.ts");
    await vi.waitFor(() => expect(late.output).toBe("The soup is ready.\n"), PATIENCE);
  });

  it("refuses a stranger", async () => {
    expect((await publish("I am no backend.", "Bearer guess")).status).toBe(403);
  });
});

describe("the recipe of a session cookie", () => {
  const recipe = new Recipe("docs/recipes/session-cookie.md", { party: "Chat" });
  let worker: RunningWorker;

  beforeAll(async () => {
    worker = await recipe.start();
  });
  afterAll(() => recipe[Symbol.asyncDispose]());

  async function logIn(user: string): Promise<string> {
    const answer = await fetch(new URL("/login", worker.url), { method: "POST", body: user });
    const [cookie = ""] = (answer.headers.get("Set-Cookie") ?? "").split(";");
    return cookie;
  }

  /** Connects as a browser with this cookie. */
  const enterWith = (Cookie: string) => {
    const browser = browserWith({ headers: { Cookie } });
    return enter(worker, { party: "chat", room: "lobby", WebSocket: browser });
  };

  it("knows the user of a session, and shows every tab of a user out at the logout", async () => {
    const cookie = await logIn("ada");
    const [ada, tab] = [enterWith(cookie), enterWith(cookie)];
    const bob = enterWith(await logIn("bob"));
    ada.emit("say", { text: "hello" });
    await vi.waitFor(
      () => expect(bob.latest("said")).toEqual({ by: "ada", text: "hello" }),
      PATIENCE,
    );
    await isOpen(tab);
    const refusals = [refusalOf(ada), refusalOf(tab)];
    await fetch(new URL("/logout", worker.url), { method: "POST", headers: { Cookie: cookie } });
    expect(await Promise.all(refusals)).toMatchObject([
      { code: "unauthorized" },
      { code: "unauthorized" },
    ]);
    expect(bob.status.state).toBe("open");
    bob.close();
    expect(await refusalOf(enterWith(cookie))).toMatchObject({ code: "unauthorized" });
  });

  it("refuses a stranger, and a page of another host that has the cookie", async () => {
    expect(await refusalOf(enterWith(""))).toMatchObject({ code: "unauthorized" });
    const headers = { Cookie: await logIn("ada"), Origin: "https://evil.example" };
    const path = "/parties/chat/lobby";
    await expect(PlainClient.connect(worker, path, headers)).rejects.toThrow("403");
  });
});

describe("the recipe of an app on another host", () => {
  const secret = "for tests only, at least 32 bytes";
  const recipe = new Recipe("docs/recipes/other-host.md", { party: "Chat" });
  let worker: RunningWorker;
  let route: () => Promise<Response>;

  beforeAll(async () => {
    recipe.write(".dev.vars", `ROOM_SECRET="${secret}"\n`);
    worker = await recipe.start();
    process.env.ROOM_SECRET = secret;
    route = await importRoute();
  });
  afterAll(() => recipe[Symbol.asyncDispose]());

  /** Imports the app's route as its server does. */
  async function importRoute(): Promise<() => Promise<Response>> {
    for (const file of ["auth", "app/room-token/route"]) {
      const code = ts.sys.readFile(join(recipe.folder, `${file}.ts`)) ?? "";
      const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 };
      const { outputText } = ts.transpileModule(code, { compilerOptions });
      recipe.write(`${file}.mjs`, outputText.replace("../../auth", "../../auth.mjs"));
    }
    const path = join(recipe.folder, "app/room-token/route.mjs");
    const module = (await import(/* @vite-ignore */ pathToFileURL(path).href)) as {
      POST: () => Promise<Response>;
    };
    return module.POST;
  }

  /** Connects as a page of this origin. */
  const enterFrom = (origin: string, token: () => Promise<string>) => {
    const address = { party: "chat", room: crypto.randomUUID(), token };
    return enter(worker, { ...address, WebSocket: browserWith({ origin }) });
  };

  it("lets in a user of the app, by the token that the app's route signs", async () => {
    const ada = enterFrom("https://app.example.com", async () => (await route()).text());
    ada.emit("say", { text: "hello" });
    await vi.waitFor(
      () => expect(ada.latest("said")).toEqual({ by: "ada", text: "hello" }),
      PATIENCE,
    );
    ada.close();
  });

  it("refuses a token that the app has not signed", async () => {
    const stranger = enterFrom("https://app.example.com", async () => "guess");
    expect(await refusalOf(stranger)).toMatchObject({ code: "unauthorized" });
  });

  it("refuses a page of a third host, with a good token too", async () => {
    const address = new URL("/parties/chat/lobby", worker.url).href.replace("http", "ws");
    const socket = new WebSocket(address, ["partyflare.1"], { origin: "https://evil.example" });
    const [error] = (await once(socket, "error")) as [Error];
    expect(error.message).toContain("403");
  });
});

describe("the recipe of debugging", () => {
  const recipe = new Recipe("docs/recipes/debugging.md", { party: "Chat" });
  let worker: RunningWorker;

  beforeAll(async () => {
    recipe.write(".dev.vars", 'DEBUG_SECRET="for tests only"\n');
    worker = await recipe.start();
  });
  afterAll(() => recipe[Symbol.asyncDispose]());

  const look = (authorization: string) =>
    fetch(new URL("/debug/lobby", worker.url), { headers: { Authorization: authorization } });

  it("shows a client's mistake on both sides, and the room's connections", async () => {
    const program = recipe.run("page.ts");
    await vi.waitFor(
      () => expect(program.output).toMatch(/error invalid .*"path":\["text"\]/),
      PATIENCE,
    );
    expect(program.output).toMatch(/status .*"state":"open"/);
    const logged = () => worker.harness.getLogs().map(({ message }) => message);
    await vi.waitFor(
      () => expect(logged().join("\n")).toMatch(/lobby refused .* invalid say/),
      PATIENCE,
    );
    const state = (await (await look("Bearer for tests only")).json()) as Record<string, unknown>;
    expect(state).toMatchObject({ alarmAtMs: null, connections: [{ tags: [], readyState: 1 }] });
    await worker.hibernate("Chat", "lobby");
    const woken = (await (await look("Bearer for tests only")).json()) as typeof state;
    expect(woken.startedAt).not.toBe(state.startedAt);
    expect(woken.connections).toEqual(state.connections);
  });

  it("shows nothing to a stranger", async () => {
    expect((await look("Bearer guess")).status).toBe(403);
  });
});
