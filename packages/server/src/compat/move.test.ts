import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { applyUpdate, Doc, encodeStateAsUpdate } from "yjs";
import { connect } from "../../test/compat-room";
import { moved } from "../../test/compat-servers";
import { routePartykitRequest } from "./partyserver";

it.each(["café", "a b", "plain"])(
  "a sleeping room of partyserver (%s) wakes here with its storage and its connections",
  async (text) => {
    const raw = encodeURIComponent(`${text}-`) + crypto.randomUUID();
    const url = `https://example.com/parties/moving/${raw}`;
    const ada = await connect(`${url}?_pk=ada`);
    const bob = await connect(`${url}?_pk=bob`);
    await ada.send("before");
    expect(await ada.frame()).toMatchObject({ by: "ada", said: 0 });
    const stub = env.MOVING.get(env.MOVING.idFromName(raw));
    await evictDurableObject(stub);
    moved.set(raw, "Server");
    await ada.send("after");
    const said = await ada.frame();
    expect(said).toMatchObject({ by: "ada", said: 1, uri: `${url}?_pk=ada` });
    expect((said as { tagged: string[] }).tagged.toSorted()).toEqual(["ada", "bob"]);
    expect([await bob.frame(), await bob.frame()]).toHaveLength(2);
    // What it has written by now is its own form.
    await evictDurableObject(stub);
    await ada.send("later");
    expect(await ada.frame()).toMatchObject({ by: "ada", said: 2 });
    const response = await routePartykitRequest(new Request(url), env);
    expect(await response?.json()).toEqual(["before", "after", "later"]);
    await evictDurableObject(stub);
    moved.set(raw, "Party");
    await ada.send("on a party");
    const last = (await ada.frame()) as { tagged: string[] };
    expect(last).toMatchObject({ by: "ada", said: 3 });
    expect(new Set(last.tagged)).toEqual(new Set(["ada", "bob"]));
  },
);

it("finds connections by their tags if an older partyserver has written none of them", async () => {
  const name = `room-${crypto.randomUUID()}`;
  const ada = await connect(`https://example.com/parties/moving/${name}?_pk=ada`);
  const stub = env.MOVING.get(env.MOVING.idFromName(name));
  await runInDurableObject(stub, (_room, ctx) => {
    const [socket] = ctx.getWebSockets() as [WebSocket];
    const { __pk, ...rest } = WebSocket.prototype.deserializeAttachment.call(socket) as {
      __pk: { id: string };
    };
    WebSocket.prototype.serializeAttachment.call(socket, { __pk: { id: __pk.id }, ...rest });
  });
  await evictDurableObject(stub);
  moved.set(name, "Server");
  await ada.send("hi");
  expect(await ada.frame()).toMatchObject({ by: "ada", uri: null, tagged: ["ada"] });
});

it("y-partyserver's withYjs keeps a document on it, also asleep", async () => {
  const name = `doc-${crypto.randomUUID()}`;
  const url = `https://example.com/parties/yjs/${name}`;
  const ada = await connect(url);
  const bob = await connect(url);
  const written = new Doc();
  written.getText("text").insert(0, "hello");
  await evictDurableObject(env.YJS.get(env.YJS.idFromName(name)));
  // The messages of y-protocols: sync (0), of kind update (2), with its length.
  const update = encodeStateAsUpdate(written);
  await ada.send(Uint8Array.of(0, 2, update.length, ...update));
  const read = new Doc();
  while (read.getText("text").toJSON() === "") {
    const message = new Uint8Array((await bob.next()) as ArrayBuffer);
    if (message[0] === 0 && message[1] === 2) applyUpdate(read, message.subarray(3));
  }
  expect(read.getText("text").toJSON()).toBe("hello");
});
