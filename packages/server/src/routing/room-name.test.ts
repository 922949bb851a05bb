import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { roomPath } from "@partyflare/shared";
import { expect, it } from "vitest";
import { type Script, type ScriptedRoom, scripts } from "../../test/parties";
import { TestSocket } from "../../test/test-socket";
import { Party } from "../index";

const HEADER = "X-Partyflare-Room";

const named: Script = {
  onRequest(party, { headers }) {
    const seen = headers.get(HEADER);
    try {
      return Response.json({ room: party.room, seen });
    } catch (error) {
      return Response.json({ error: String(error), seen });
    }
  },
};

/**
 * A room that does not know its name, as one that is reached through another `wrangler dev`: the
 * platform tells a room its name only where the stub was made from it.
 */
function namelessRoom(script: Script = named, name = `room-${crypto.randomUUID()}`) {
  const id = env.HIBERNATING.idFromString(env.HIBERNATING.idFromName(name).toString());
  const stub: DurableObjectStub<ScriptedRoom> = env.HIBERNATING.get(id);
  scripts.set(id.toString(), script);
  /** A namespace of the Worker that knows the name, and passes on only the id. */
  const namespace = {
    idFromName: (room: string) => env.HIBERNATING.idFromName(room),
    get: () => stub,
  } as unknown as DurableObjectNamespace;
  const byWorker = async (headers: Record<string, string> = {}) => {
    const url = `https://example.com${roomPath({ party: "chat", room: name })}`;
    const request = new Request(url, { headers });
    const response = await Party.fetchRoomForRequest(request, {}, { parties: { chat: namespace } });
    if (!response) throw new Error("The URL was no party's.");
    return response;
  };
  return { name, stub, byWorker };
}

async function answerOf(response: Response | Promise<Response>): Promise<unknown> {
  return (await response).json();
}

it("a room without a name learns it from the Worker, and keeps it over its lives", async () => {
  const { name, stub, byWorker } = namelessRoom(named, `café ${crypto.randomUUID()} ☕`);
  expect(await answerOf(byWorker())).toMatchObject({ room: name });
  await evictDurableObject(stub);
  expect(await answerOf(stub.fetch("https://example.com"))).toMatchObject({ room: name });
  await evictDurableObject(stub);
  expect(await stub.room).toBe(name);
});

it("a room without a name tells its clients the one that it has learned", async () => {
  const { name, byWorker } = namelessRoom();
  const headers = { Upgrade: "websocket", "Sec-WebSocket-Protocol": "partyflare.1" };
  const { webSocket } = await byWorker(headers);
  const socket = new TestSocket(webSocket as WebSocket, async () => {});
  expect(await socket.frame()).toMatchObject(["$hello", { room: name }]);
  await socket.close();
});

it("a room without a name believes none that is not its own", async () => {
  const { stub } = namelessRoom();
  const ask = (header: string) =>
    answerOf(stub.fetch("https://example.com", { headers: { [HEADER]: header } }));
  for (const forged of ["forged", "%", "", "x".repeat(2_000)]) {
    expect(await ask(forged)).toMatchObject({ error: expect.stringContaining("no name") });
  }
  await evictDurableObject(stub);
  expect(await answerOf(stub.fetch("https://example.com"))).toHaveProperty("error");
});

it("a room with a name reads no header, and stores nothing", async () => {
  const name = `room-${crypto.randomUUID()}`;
  scripts.set(name, named);
  const stub = Party.withRoom(env.HIBERNATING, name);
  const headers = { [HEADER]: "forged" };
  expect(await answerOf(stub.fetch("https://example.com", { headers }))).toMatchObject({
    room: name,
  });
  const stored = await runInDurableObject(stub, (_party, { storage }) => storage.list());
  expect(stored.size).toBe(0);
});

it("a client's own header never gets through the Worker", async () => {
  const { name, byWorker } = namelessRoom();
  expect(await answerOf(byWorker({ [HEADER]: "forged" }))).toEqual({ room: name, seen: name });
});

it("a hook's request does not bring one either", async () => {
  const name = `room-${crypto.randomUUID()}`;
  scripts.set(name, named);
  const request = new Request(`https://example.com/parties/hibernating/${name}`);
  const onBeforeRequest = () => new Request(request, { headers: { [HEADER]: "forged" } });
  const response = await Party.fetchRoomForRequest(request, env, { onBeforeRequest });
  expect(await answerOf(response as Response)).toEqual({ room: name, seen: name });
});

it("a request keeps all else that it had on its way through the Worker", async () => {
  const name = `room-${crypto.randomUUID()}`;
  scripts.set(name, {
    onRequest: async (_party, request) =>
      Response.json({
        method: request.method,
        url: request.url,
        type: request.headers.get("Content-Type"),
        body: await request.text(),
        colo: request.cf?.colo,
        redirect: request.redirect,
      }),
  });
  const url = `https://example.com/parties/hibernating/${name}/rest?query`;
  const request = new Request(url, {
    method: "POST",
    body: "body",
    headers: { "Content-Type": "text/x" },
    cf: { colo: "TXL" } as never,
    redirect: "manual",
  });
  expect(await answerOf((await Party.fetchRoomForRequest(request, env)) as Response)).toEqual({
    method: "POST",
    url,
    type: "text/x",
    body: "body",
    colo: "TXL",
    redirect: "manual",
  });
});
