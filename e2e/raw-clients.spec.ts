import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { expect, test } from "./support/people";
import { uniqueRoom } from "./support/person";
import { RoomClient } from "./support/room-client";

const id = randomUUID();

/** By which its receiver proves that it was sent a durable event. */
const TAG: unknown = expect.stringMatching(/^[\w-]{8}$/);

function messageOf(text: string) {
  return { id: randomUUID(), text };
}

/** None of them is anything that the page would send. */
const NONSENSE: (string | Uint8Array<ArrayBuffer>)[] = [
  "",
  "hello",
  "{",
  "null",
  "[]",
  "42",
  '"post"',
  "{}",
  '["constructor",1]',
  '["here",[]]',
  `["post",{"id":"${id}","text":"As an event"}]`,
  '["$hello",{"id":"x","room":"y"}]',
  '["$call"]',
  '["$call","post"]',
  '["$call",9001,"constructor",{}]',
  '["$call",9002,"rename",{"name":7}]',
  '["$call",9003,"rename",{"name":"  "}]',
  `["$call",9004,"rename",{"name":${"[".repeat(1_000)}${"]".repeat(1_000)}}]`,
  `["$call",9005,"post",{"id":"${id}","text":""}]`,
  `["$call",9006,"post",{"id":"${id}","text":"   "}]`,
  `["$call",9007,"post",{"id":"${id}","text":{"toString":1}}]`,
  `["$call",9008,"post",{"id":"${id}","text":"${"x".repeat(2_001)}"}]`,
  `["$call",9009,"post",{"id":"x","text":"An id that is too short"}]`,
  `["$call",9011,"post",{"id":"${id}","text":"Forged"},{"page":"p","number":0,"oldest":0,"since":"x"}]`,
  `["$call",9012,"post",{"id":"${id}","text":"Forged"},{"page":"p","number":1.5,"oldest":1,"since":"x"}]`,
  `["$call",9013,"post",{"id":"${id}","text":"Forged"},[1,"x"]]`,
  `["$call",9016,"post",{"id":"${id}","text":"Forged"},{"page":"p","number":99,"oldest":1,"since":"x"}]`,
  `["$call",9017,"post",{"id":"${id}","text":"Forged"},{"page":"/","number":1,"oldest":1,"since":"x"}]`,
  '["$call",9014,"$history",{"before":-1}]',
  '["$call",9015,"$history",{"limit":1e9}]',
  `["$call",9010,"post",{"__proto__":{"text":"From a prototype"},"id":"${id}"}]`,
  new Uint8Array([0, 255, 128]),
];

test(
  "what no page would send disturbs nobody",
  { tag: "@promise" },
  async ({ people, baseURL }) => {
    const room = uniqueRoom("nonsense");
    const ada = await people.join(room, "Ada");

    const eve = await RoomClient.connect(baseURL, room, { name: "Eve\u202e\u0007 of Bad" });
    for (const message of NONSENSE) eve.socket.send(message);
    eve.post("Something sensible");

    await ada.sees("Something sensible");
    await expect(ada.log.locator("article p")).toHaveText(["Something sensible"]);
    await expect(ada.people).toHaveText([/Ada/, /Eve of Bad/]);
    expect(eve.socket.readyState).toBe(WebSocket.OPEN);

    eve.socket.close(1000);
    await expect(ada.people).toHaveText([/Ada/]);
  },
);

test("a raw client hears the room, and is heard by nobody", async ({ people, baseURL }) => {
  const room = uniqueRoom("raw");
  const ada = await people.join(room, "Ada");
  const listener = await RoomClient.connect(baseURL, room, {
    name: "Listener",
    protocol: "partyflare.raw",
  });
  await expect(ada.people).toHaveText([/Ada/, /Listener/]);

  listener.post("A frame from nobody who speaks frames");
  await ada.say("Is anybody listening?");
  await expect
    .poll(() => listener.heard.map((text): unknown => JSON.parse(text)))
    .toContainEqual(["said", expect.objectContaining({ text: "Is anybody listening?" }), 1, TAG]);
  await expect(ada.log.locator("article p")).toHaveText(["Is anybody listening?"]);
});

test(
  "a call that is sent again is answered again, and heard once",
  { tag: "@promise" },
  async ({ people, baseURL }) => {
    const room = uniqueRoom("again");
    const ada = await people.join(room, "Ada");
    const grace = {
      name: "Grace",
      key: randomUUID(),
      clientKey: randomBytes(16).toString("base64url"),
    };
    const sender = await RoomClient.connect(baseURL, room, grace);
    const since = await sinceOf(sender);
    const first = { page: "page", number: 1, oldest: 1, since };
    const repeat = { ...first, repeat: true } as const;
    const onlyOnce = messageOf("Only once");
    sender.postOnce(onlyOnce, first);
    sender.postOnce(onlyOnce, repeat);
    sender.postOnce(messageOf("Something else"), { ...first, number: 2 });

    await ada.sees("Something else");
    // Both times the answer is the same: whoever has lost the first one cannot tell.
    const answers = ['["$reply",1]', '["$reply",2]', '["$reply",3]'];
    await expect.poll(() => sender.answers).toEqual(answers);
    sender.socket.close();
    const next = await RoomClient.connect(baseURL, room, grace);
    next.postOnce(onlyOnce, repeat);
    await expect.poll(() => next.answers).toEqual(['["$reply",1]']);

    // Another page's operations are its own, and so are another client's.
    next.postOnce(messageOf("From another page"), { ...first, page: "another-page" });
    await ada.sees("From another page");
    const other = await RoomClient.connect(baseURL, room, { ...grace, clientKey: "x".repeat(22) });
    other.postOnce(messageOf("Another’s"), first);
    await ada.sees("Another’s");
    const said = ["Only once", "Something else", "From another page", "Another’s"];
    await expect(ada.log.locator("article p")).toHaveText(said);
    await ada.page.reload();
    await expect(ada.log.locator("article p")).toHaveText(said);
  },
);

test("nobody enters without a key", { tag: "@promise" }, async ({ people, baseURL }) => {
  const room = uniqueRoom("keyless");
  const ada = await people.join(room, "Ada");

  const nobody = await RoomClient.connect(baseURL, room, { name: "Nobody", key: null });
  const [close] = (await once(nobody.socket, "close")) as [CloseEvent];
  expect(close.code).toBe(4401);
  await expect(ada.people).toHaveText([/Ada/]);
});

test(
  "nobody speaks as somebody else by their public id",
  { tag: "@promise" },
  async ({ people, baseURL }) => {
    const room = uniqueRoom("impostor");
    const ada = await people.join(room, "Ada");
    const grace = await RoomClient.connect(baseURL, room, { name: "Grace" });
    grace.post("I am Grace");
    const person = await authorOf("I am Grace", grace);

    const eve = await RoomClient.connect(baseURL, room, { name: "Grace", key: person });
    eve.post("I am Grace, too");
    await ada.sees("I am Grace, too");
    await expect(ada.log.locator("article p")).toHaveText(["I am Grace", "I am Grace, too"]);
    await expect(ada.people).toHaveCount(3);
    expect(await authorOf("I am Grace, too", eve)).not.toBe(person);
  },
);

/** The id of whoever said something, once a client has heard it. */
async function authorOf(text: string, { heard }: RoomClient): Promise<string> {
  const find = () => heard.find((frame) => frame.includes(JSON.stringify(text)));
  await expect.poll(find).toBeDefined();
  const [, { person }] = JSON.parse(find() ?? "") as [name: string, data: { person: string }];
  return person;
}

/** Since when the room counts operations, as its hello says. */
async function sinceOf({ heard }: RoomClient): Promise<string> {
  await expect.poll(() => heard.length).toBeGreaterThan(0);
  const [, hello] = JSON.parse(heard[0] ?? "") as [string, { once: { since: string } }];
  return hello.once.since;
}
