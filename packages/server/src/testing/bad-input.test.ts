import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { scripts } from "../../test/parties";
import { expectTimeout } from "../../test/timeouts";
import { openRoom } from "./index";

it.each([
  ["missing binding", undefined, "undefined"],
  ["other kind of binding", env.KV, "[object KvNamespace]"],
  ["service", env.SERVICE, "[object Fetcher]"],
])("takes no %s for a party", async (_what, namespace, shown) => {
  await expect(openRoom(namespace as unknown as typeof env.KIT)).rejects.toThrow(
    `openRoom takes the namespace of a party, such as env.CHAT, not ${shown}: see the bindings in your wrangler configuration.`,
  );
});

it("takes no other Durable Object for a party", async () => {
  await expect(openRoom(env.OTHER)).rejects.toThrow(
    "openRoom takes the namespace of a party: NotAParty is none.",
  );
});

it("takes no illegal name", async () => {
  await expect(openRoom(env.KIT, "")).rejects.toMatchObject({ code: "invalid" });
});

it("throws what onStart throws", async () => {
  const name = crypto.randomUUID();
  scripts.set(name, {
    onStart() {
      throw new Error("no start");
    },
    onError() {},
  });
  await expect(openRoom(env.HIBERNATING, name)).rejects.toThrow("no start");
});

it("rejects a join with the room's code and reason", async () => {
  const room = await openRoom(env.KIT);
  await expect(room.join({ token: "mallory" })).rejects.toMatchObject({
    code: "unauthorized",
    data: { closeCode: 4401, reason: "unauthorized" },
  });
  await expect(room.join({ token: "late" })).rejects.toMatchObject({
    code: "closed_today",
    data: { reason: "closed_today" },
  });
  expect(await room.run((party) => party.getConnections())).toEqual([]);
  // The function of a token is asked once more.
  const tokens = ["mallory", "ada"];
  const ada = await room.join({ token: () => tokens.shift() });
  expect(await room.run((party) => party.getConnection(ada.id)?.state.name)).toBe("ada");
});

it("rejects a join after an error of authorize, and does not retry for ever", async () => {
  const name = crypto.randomUUID();
  scripts.set(name, {
    authorize() {
      throw new Error("a mistake");
    },
    onError() {},
  });
  const room = await openRoom(env.HIBERNATING, name);
  await expect(room.join()).rejects.toMatchObject({ code: "internal" });
  await expect(room.joinRaw()).rejects.toThrow(
    /^The room refused the connection\. .*closed with 1011/s,
  );
});

it("rejects a join with the answer of a room that takes no connection", async () => {
  const name = crypto.randomUUID();
  scripts.set(name, { fetch: () => new Response("not here", { status: 418 }) });
  const room = await openRoom(env.HIBERNATING, name);
  const answer = "The room answered with 418: not here";
  await expect(room.join()).rejects.toMatchObject({ cause: { message: answer } });
  await expect(room.joinRaw()).rejects.toThrow(answer);
});

it("refuses a raw connection whose id another client has", async () => {
  const room = await openRoom(env.KIT);
  await room.joinRaw({ id: "ada" });
  await expect(room.joinRaw({ id: "ada" })).rejects.toThrow("closed with 4403, forbidden");
});

it("takes no promise for something that is true, and no timeout that is no time", async () => {
  const room = await openRoom(env.KIT);
  const ada = await room.join();
  await expect(ada.waitUntil(async () => false)).rejects.toThrow(
    "waitUntil takes a function that returns a value, not a promise.",
  );
  await expect(ada.next("said", { timeoutMs: Number.NaN })).rejects.toThrow(
    "timeoutMs takes milliseconds, 0 or more, not NaN.",
  );
});

it("says that a raw connection is refused, and why", async () => {
  const room = await openRoom(env.KIT);
  await expect(room.joinRaw({ token: "mallory" })).rejects.toThrow(
    "The room refused the connection. This came, in order:\n  1. open\n  2. closed with 4401, unauthorized",
  );
});

it("says that a client is closed", async () => {
  const room = await openRoom(env.KIT);
  const [ada, raw, left] = [await room.join(), await room.joinRaw(), await room.joinRaw()];
  await Promise.all([ada.close(), raw.close()]);
  const text = "this client is closed. Join again, or call reconnect() first.";
  expect(() => ada.emit("say", { text: "" })).toThrow(`emit("say"): ${text}`);
  await expect(ada.call("vote", "red")).rejects.toThrow(`call("vote"): ${text}`);
  expect(() => raw.send("")).toThrow("send: this client is closed. Join again.");
  await room.run((party) => party.getConnection(left.id)?.close(4000));
  await left.closed();
  expect(() => left.send("")).toThrow("send: the room has closed this connection with 4000.");
});

it("says that a test is over", async () => {
  const room = await openRoom(env.KIT, "over");
  await room.close();
  await room.close();
  const text = 'the test of room "over" is over. Open another one.';
  await expect(room.join()).rejects.toThrow(`join: ${text}`);
  await expect(room.joinRaw()).rejects.toThrow(`joinRaw: ${text}`);
  await expect(room.advance(1)).rejects.toThrow(`advance: ${text}`);
});

it("lets no client in after the end of a test", async () => {
  const room = await openRoom(env.KIT, "over while joining");
  const ada = await room.join();
  const joining = room.join();
  const closing = room.close();
  const text = 'the test of room "over while joining" is over. Open another one.';
  await expect(joining).rejects.toThrow(`join: ${text}`);
  await closing;
  await expect(ada.reconnect()).rejects.toThrow(`reconnect: ${text}`);
  expect(await room.run((party) => party.getConnections())).toEqual([]);
});

it("says why a room does not sleep", async () => {
  const inMemory = await openRoom(env.KIT_IN_MEMORY);
  await expect(inMemory.sleep()).rejects.toThrow(
    "sleep: KitInMemoryRoom does not hibernate. Set `static options = { hibernate: true }`, or use restart().",
  );
  const room = await openRoom(env.KIT, "awake");
  const ada = await room.join();
  await ada.call("wait", 3_600_000);
  await expectTimeout(
    /^Error: sleep: KitRoom "awake" was not idle within \d+ ms\. Its timers keep it awake: they fire in \d+ ms\.$/,
    (timeoutMs) => room.sleep({ timeoutMs }),
  );
});
