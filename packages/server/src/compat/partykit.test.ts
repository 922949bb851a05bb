import { createExecutionContext, runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it, vi } from "vitest";
import { KitChat, kitObject } from "../../test/kit-parties";
import { TestSocket } from "../../test/test-socket";
import { openRoom } from "../testing/index";
import { fetchPartyKit, fromPartyKit, type PartyKitOptions, scheduledPartyKit } from "./partykit";

const options: PartyKitOptions = {
  main: KitChat,
  parties: { "kit-object": kitObject, "kit-sleepy": KitChat, unbound: KitChat },
};

function ask(path: string, init?: RequestInit): Promise<Response> {
  const request = new Request(`https://example.com${path}`, init);
  return fetchPartyKit(request, env, createExecutionContext(), options);
}

async function connect(path: string): Promise<TestSocket> {
  const { status, webSocket } = await ask(path, { headers: { Upgrade: "websocket" } });
  if (!webSocket) throw new Error(`The upgrade was answered with ${status}.`);
  return new TestSocket(webSocket, async () => {});
}

const newId = () => `room-${crypto.randomUUID()}`;

it("runs a PartyKit class, with its hooks and their order of arguments", async () => {
  const id = newId();
  const ada = await connect(`/parties/main/${id}?_pk=ada&name=ada`);
  // Old clients leave out the party.
  const bob = await connect(`/party/${id}?_pk=bob&name=bob`);
  const silent = await connect(`/party/${id}?_pk=silent&name=nobody`);
  expect([await ada.next(), await bob.next()]).toEqual([
    `hello ada of main/${id}`,
    `hello bob of main/${id}`,
  ]);
  await ada.send("one");
  await ada.send("two");
  const ids = ["ada", "bob", "silent"];
  for (const said of [1, 2]) {
    const message = said === 1 ? "one" : "two";
    expect(await bob.frame()).toEqual({ message, said, others: ["bob"], ids });
  }
  await ada.send("throw");
  await ada.next();
  await ada.next();
  expect(await ada.next()).toBe("failed: a mistake of the app");
  await silent.close();
  expect(await bob.next()).toBe("bye silent");
  expect(silent.received).toEqual([`hello silent of main/${id}`]);
  const room = await (await ask(`/party/${id}`)).json();
  expect(room).toEqual({ id, name: "main", isInternal: true, said: ["one", "two"] });
});

it("runs the static functions in the Worker", async () => {
  const id = newId();
  await expect(connect(`/party/${id}`)).rejects.toThrow("401");
  expect(await (await ask(`/party/${id}`, { method: "GET" })).json()).toMatchObject({ id });
  const closed = await ask("/parties/main/closed");
  expect([closed.status, await closed.text()]).toEqual([403, "closed"]);
  expect(await (await ask("/elsewhere")).json()).toEqual({ text: "text" });
  expect((await ask("/nothing")).status).toBe(404);
  const socket = await connect("/socket");
  await socket.send("hi");
  expect(await socket.next()).toBe("/socket hi");
  await socket.close();
  await expect(connect("/broken")).rejects.toThrow("a mistake of onSocket");
});

it("answers 401 if a static function throws, without the text of its error", async () => {
  const errors = vi.spyOn(console, "error").mockImplementation(() => {});
  await expect(connect("/party/any?name=nobody's")).rejects.toThrow("401");
  const answer = await ask("/party/failing");
  expect([answer.status, await answer.text()]).toEqual([401, expect.not.stringContaining("hook")]);
  expect(errors.mock.calls.flat().join("\n")).toContain("onBeforeConnect: Error: a mistake of the");
  errors.mockRestore();
});

it("keeps a room's id as it stands in the URL, and its alarm", async () => {
  const id = `caf%C3%A9-${crypto.randomUUID()}`;
  expect(await (await ask(`/parties/main/café${id.slice(9)}`)).json()).toMatchObject({ id });
  await ask(`/parties/main/${id}/alarm`);
  expect(await runDurableObjectAlarm(env.Main.get(env.Main.idFromName(id)))).toBe(true);
  expect(await (await ask(`/party/${id}`)).json()).toMatchObject({ said: [`alarm of ${id}`] });
});

it("reaches other parties, and says which binding is missing", async () => {
  const other = await ask(`/party/${newId()}/other`);
  expect(await other.json()).toEqual([
    "lobby room hello",
    "POST /parties/kit-object/lobby/count kit-object",
  ]);
  // A request goes to the room itself, whatever its URL was.
  const forwarded = await ask(`/party/${newId()}/forward?a=1`);
  expect(await forwarded.text()).toBe("GET /parties/kit-object/lobby kit-object");
  const errors = vi.spyOn(console, "error").mockImplementation(() => {});
  expect((await ask(`/party/${newId()}/slashless`)).status).toBe(500);
  expect((await ask(`/party/${newId()}/nowhere`)).status).toBe(500);
  expect((await ask(`/party/${newId()}/bucket`)).status).toBe(500);
  const logged = errors.mock.calls.flat().join("\n");
  expect(logged).toContain('A path below a room starts with "/", and "x" does not.');
  expect(logged).toContain('The party "nowhere" has no Durable Object binding: add { "name": "Now');
  expect(logged).toContain('The binding of r2 "files" is missing: add "r2_buckets"');
  errors.mockRestore();
});

it("runs the object form, and a class with options of its instances", async () => {
  const room = await openRoom(env.KitObject);
  const ada = await room.joinRaw({ id: "ada" });
  ada.send("hi");
  expect(await ada.next()).toBe(`${room.name} ada hi`);
  const sleepy = await openRoom(env.KitSleepy);
  const bob = await sleepy.joinRaw();
  await sleepy.sleep();
  bob.send("still here");
  expect(await bob.next()).toBe(`${sleepy.name} still here true`);
  // And by its URL.
  const cyd = await connect(`/parties/kit-object/${room.name}?_pk=cyd`);
  await cyd.send("me too");
  expect(await cyd.next()).toBe(`${room.name} cyd me too`);
});

it("runs onCron with the name of the cron", async () => {
  const controller = { cron: "0 0 * * *", scheduledTime: 1, noRetry() {} } as ScheduledController;
  const ctx = createExecutionContext();
  const crons = { nightly: "0 0 * * *" };
  await scheduledPartyKit(controller, env, ctx, { main: KitChat, crons });
  const { said } = await (await ask("/party/cron")).json<{ said: string[] }>();
  expect(said).toEqual(["nightly"]);
});

it("names what is missing in one sentence", async () => {
  const ctx = createExecutionContext();
  const request = new Request("https://example.com/party/x");
  const fetching = (...args: unknown[]) =>
    (fetchPartyKit as (...all: unknown[]) => Promise<Response>)(request, ...args);
  await expect(fetching(undefined, ctx, options)).rejects.toThrow("The bindings are missing");
  await expect(fetching(env, undefined, options)).rejects.toThrow("third argument");
  await expect(fetching(env, ctx, {})).rejects.toThrow(
    "`main` of fetchPartyKit() takes the class that your PartyKit server has as its default export, not undefined.",
  );
  await expect(
    fetching(env, ctx, { main: KitChat, parties: { lobby: undefined } }),
  ).rejects.toThrow("`parties.lobby` of fetchPartyKit()");
  expect(() => fromPartyKit(undefined as never)).toThrow("fromPartyKit takes the class");
  await expect(ask("/parties/unbound/x")).rejects.toThrow(
    'The party "unbound" has no Durable Object binding: add { "name": "Unbound", "class_name": "Unbound" }',
  );
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  expect((await ask("/parties/unknown/x")).status).toBe(404);
  expect(warn.mock.calls.flat().join("\n")).toContain('no party "unknown". The parties are main,');
  warn.mockRestore();
});
