import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { type ScriptedServer, type ServerScript, serverScripts } from "../../test/compat-servers";
import { openRoom } from "./index";

const HOUR_MS = 3_600_000;

/** Opens a room of a `Server` whose hooks a test has written. */
async function openServer(
  script: ServerScript,
  kind: "COMPAT" | "COMPAT_IN_MEMORY" | "COMPAT_STRICT" = "COMPAT",
) {
  const name = crypto.randomUUID();
  serverScripts.set(name, script);
  return openRoom<ScriptedServer>(env[kind], name);
}

const echo: ServerScript = {
  onConnect: (connection, server) => connection.send(`hello ${connection.id} of ${server.name}`),
  onMessage: (from, message, server) => server.broadcast(`${from.id}: ${String(message)}`),
  onClose: (connection) => void serverLog.push(`bye ${connection.id}`),
};
const serverLog: string[] = [];

it.each(["COMPAT", "COMPAT_IN_MEMORY"] as const)(
  "exchanges messages with a Server of partyserver (%s)",
  async (kind) => {
    const room = await openServer(echo, kind);
    const ada = await room.joinRaw({ id: "ada", query: { role: "host" } });
    const bob = await room.joinRaw({ id: "bob" });
    expect(await ada.next()).toBe(`hello ada of ${room.name}`);
    expect(await bob.next()).toBe(`hello bob of ${room.name}`);

    ada.send("one");
    expect([await ada.next(), await bob.next()]).toEqual(["ada: one", "ada: one"]);
    await ada.nothing();
    const uri = await room.run((server) => server.getConnection("ada")?.uri);
    expect(uri).toMatch(/\/parties\/[a-z-]+-server\/[\w-]+\?role=host&_pk=ada$/);

    serverLog.length = 0;
    await bob.close();
    expect(serverLog).toEqual(["bye bob"]);
    expect(await room.run((server) => [...server.getConnections()].length)).toBe(1);
  },
);

it("lets a Server sleep, restart and ring its alarm", async () => {
  const starts: unknown[] = [];
  const alarms: number[] = [];
  const room = await openServer({
    ...echo,
    onStart: (_server, props) => void starts.push(props),
    onAlarm: (server) => {
      alarms.push(Date.now());
      server.broadcast("alarm");
    },
  });
  const ada = await room.joinRaw({ id: "ada" });
  await ada.next();
  await room.sleep();
  ada.send("awake");
  expect(await ada.next()).toBe("ada: awake");
  expect(starts).toHaveLength(2);

  const startMs = Date.now();
  await room.run((server) => server.storage.setAlarm(Date.now() + HOUR_MS));
  await room.sleep();
  await room.advance(2 * HOUR_MS);
  expect(await ada.next()).toBe("alarm");
  expect(Math.round((alarms[0] ?? 0) - startMs) / HOUR_MS).toBeCloseTo(1, 1);

  await room.restart();
  expect(await ada.closed()).toMatchObject({ code: 1006 });
  const bob = await room.joinRaw({ id: "bob" });
  expect(await bob.next()).toBe(`hello bob of ${room.name}`);
  const inMemory = await openServer({}, "COMPAT_IN_MEMORY");
  await expect(inMemory.sleep()).rejects.toThrow("sleep: ScriptedServer does not hibernate.");
});

it("starts a Server with props, and throws what onStart throws", async () => {
  const name = crypto.randomUUID();
  const starts: unknown[] = [];
  serverScripts.set(name, { onStart: (_server, props) => void starts.push(props) });
  const room = await openRoom(env.COMPAT, name, { props: { level: 3 } });
  expect(starts).toEqual([{ level: 3 }]);
  await room.restart();
  await room.joinRaw();
  expect(starts).toEqual([{ level: 3 }, { level: 3 }]);

  const broken: ServerScript = {
    onStart() {
      throw new Error("no start");
    },
  };
  await expect(openServer(broken)).rejects.toThrow("no start");
});

it("keeps the names of its rooms as they are", async () => {
  for (const name of ["caf%C3%A9", "café", "a b", "a/b?c#d"]) {
    const unique = `${name} ${crypto.randomUUID()}`;
    serverScripts.set(unique, echo);
    const room = await openRoom(env.COMPAT, unique);
    const ada = await room.joinRaw({ id: "ada" });
    expect(await ada.next()).toBe(`hello ada of ${unique}`);
  }
});

it("lets connections of one id be apart, where a Server does", async () => {
  const room = await openServer(echo, "COMPAT_STRICT");
  const [one, two] = [await room.joinRaw({ id: "ada" }), await room.joinRaw({ id: "ada" })];
  await Promise.all([one.next(), two.next()]);
  one.send("hello");
  expect([await one.next(), await two.next()]).toEqual(["ada: hello", "ada: hello"]);
  await one.nothing();
  await two.nothing();
  await one.close();
  expect(await room.run((server) => [...server.getConnections()].length)).toBe(1);
  two.send("alone");
  expect(await two.next()).toBe("ada: alone");
});

it("opens rooms of PartyKit's classes and objects", async () => {
  const chat = await openRoom(env.Main);
  const ada = await chat.joinRaw({ id: "ada", headers: { "X-Name": "ada" } });
  expect(await ada.next()).toBe(`hello ada of main/${chat.name}`);
  ada.send("hello");
  expect(JSON.parse(String(await ada.next()))).toMatchObject({ message: "hello", said: 1 });
  await expect(chat.sleep()).rejects.toThrow("sleep: KitChat does not hibernate.");

  const object = await openRoom(env.KitObject);
  const bob = await object.joinRaw({ id: "bob" });
  bob.send("hello");
  expect(await bob.next()).toBe(`${object.name} bob hello`);

  // An option of the instance.
  const sleepy = await openRoom(env.KitSleepy);
  const eve = await sleepy.joinRaw();
  await sleepy.sleep();
  eve.send("hello");
  expect(await eve.next()).toBe(`${sleepy.name} hello true`);
});

it("says what such a class does not have", async () => {
  const room = await openServer(echo);
  await expect(room.join()).rejects.toThrow(
    "join: SleepyServer has no contract, as a class of partyserver or PartyKit. Use joinRaw().",
  );
  for (const options of [{ token: "ada" }, { key: "k".repeat(22) }]) {
    await expect(room.joinRaw(options)).rejects.toThrow(
      "joinRaw: SleepyServer takes no token and no key. Pass what it reads in query or headers.",
    );
  }
  await expect(openRoom(env.KIT, "lobby", { props: {} })).rejects.toThrow(
    "openRoom: KitRoom takes no props. Only a Server of partyserver does.",
  );
  await expect(openRoom(env.COMPAT, "")).rejects.toMatchObject({ code: "invalid" });
});
