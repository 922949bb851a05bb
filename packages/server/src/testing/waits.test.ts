import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { scripts } from "../../test/parties";
import { openRoom } from "./index";

it("returns each event once, in order, also those that came before", async () => {
  const room = await openRoom(env.KIT);
  const ada = await room.join({ token: "ada" });
  ada.emit("say", { text: "one" });
  await ada.call("post", "posted");
  ada.emit("say", { text: "two" });
  await room.settle();

  expect(ada.received).toMatchObject([
    { kind: "status", text: "open" },
    { kind: "event", name: "said", data: { by: "ada", text: "one" } },
    { kind: "event", name: "posted", data: "posted", offset: 1 },
    { kind: "event", name: "said", data: { by: "ada", text: "two" } },
  ]);
  expect(await ada.next("said")).toEqual({ by: "ada", text: "one" });
  expect(await ada.next("said")).toEqual({ by: "ada", text: "two" });
  expect(await ada.next("posted")).toBe("posted");
});

it("waits no longer than the start of the room has left of the test's time", async ({ task }) => {
  // Of these, the kit takes nine tenths. Vitest has read the test's own before.
  Object.assign(task, { timeout: 2_000 });
  const name = crypto.randomUUID();
  scripts.set(name, { onStart: () => scheduler.wait(1_000) });
  const room = await openRoom(env.HIBERNATING, name);
  const ada = await room.joinRaw();
  const error = await ada.next().catch(String);
  expect(Number(/within (\d+) ms/.exec(String(error))?.[1])).toBeLessThanOrEqual(800);
});

it("names what did not come and what did, in order", async () => {
  const room = await openRoom(env.KIT);
  const ada = await room.join({ token: "ada", id: "ada" });
  ada.emit("say", { text: "one" });
  ada.emit("say", { text: "two" });
  await room.settle();
  await room.run((party) => party.broadcast("a text"));
  await ada.next("said");
  await room.settle();

  await expect(ada.next("posted", { timeoutMs: 20 })).rejects.toThrow(
    [
      'No "posted" came within 20 ms, for "ada". This came, in order:',
      "  1. open",
      '  2. "said" {"by":"ada","text":"one"} (taken)',
      '  3. "said" {"by":"ada","text":"two"}',
      '  4. text "a text"',
    ].join("\n"),
  );
});

it("names what came to a raw connection, and its close", async () => {
  const room = await openRoom(env.KIT);
  const ada = await room.joinRaw({ id: "ada", token: "ada" });
  await ada.next();
  await room.run((party) => party.getConnection("ada")?.close(4000, "enough"));
  await ada.closed();
  await expect(ada.next({ timeoutMs: 20 })).rejects.toThrow(
    [
      'No message came within 20 ms, for "ada". This came, in order:',
      "  1. open",
      '  2. text "welcome, ada" (taken)',
      "  3. closed with 4000, enough",
    ].join("\n"),
  );
});

it("waits until something is true, and says what was not", async () => {
  const room = await openRoom(env.KIT);
  const ada = await room.join();
  expect(await ada.waitUntil(() => ada.presence.me)).toMatchObject({ key: "guest" });
  await expect(ada.waitUntil(() => ada.presence.size === 2, { timeoutMs: 20 })).rejects.toThrow(
    /^waitUntil\(\(\) => ada\.presence\.size === 2\) did not become true within 20 ms/,
  );
  await expect(ada.waitUntil(() => expect(1).toBe(2), { timeoutMs: 20 })).rejects.toThrow(
    /did not become true \(expected 1 to be 2.*\) within 20 ms/,
  );
});

it("finds that nothing came, and that something did", async () => {
  const room = await openRoom(env.KIT);
  const ada = await room.join({ token: "ada" });
  const bob = await room.join({ id: "bob" });
  const raw = await room.joinRaw({ id: "raw" });
  await raw.next();
  await Promise.all([ada.nothing(), bob.nothing(), raw.nothing()]);

  // What ada has sent just now arrives first.
  ada.emit("say", { text: "hello" });
  await expect(bob.nothing()).rejects.toThrow('"bob" got more than nothing. This came, in order');
  expect(await ada.next("said")).toEqual({ by: "ada", text: "hello" });
  await ada.nothing();
  await raw.next();
  ada.emit("say", { text: "again" });
  await expect(raw.nothing()).rejects.toThrow('"raw" got more than nothing.');
});

it("returns the refusal of an event", async () => {
  const room = await openRoom(env.BATCHED);
  const ada = await room.join();
  ada.emit("say", { text: "longer than ten characters" });
  expect(await ada.nextError()).toMatchObject({ code: "invalid", issues: [{ path: ["text"] }] });
  await ada.nothing();
});

it("returns the close of a client that the room closes for good", async () => {
  const room = await openRoom(env.KIT);
  const ada = await room.join();
  await room.run((party) => party.getConnection(ada.id)?.close(4001, "enough"));
  expect(await ada.closed()).toEqual({ code: 4001, reason: "enough" });
  await expect((await room.join()).closed({ timeoutMs: 20 })).rejects.toThrow("No close came");
});

it("answers a room's rate limit too", async () => {
  const room = await openRoom(env.STRICT);
  const ada = await room.join({ id: "ada" });
  for (let round = 0; round < 5; round += 1) await room.settle();
  await ada.nothing();
});
