import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { expect, test } from "./support/people";
import { uniqueRoom } from "./support/person";
import { RoomClient } from "./support/room-client";

const id = randomUUID();

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
  `["$call",9010,"post",{"__proto__":{"text":"From a prototype"},"id":"${id}"}]`,
  new Uint8Array([0, 255, 128]),
];

test("what no page would send disturbs nobody", async ({ people, baseURL }) => {
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
});

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
    .toContainEqual(["said", expect.objectContaining({ text: "Is anybody listening?" })]);
  await expect(ada.log.locator("article p")).toHaveText(["Is anybody listening?"]);
});

test("a message that is sent again under its id is heard once", async ({ people, baseURL }) => {
  const room = uniqueRoom("again");
  const ada = await people.join(room, "Ada");
  const sender = await RoomClient.connect(baseURL, room, { name: "Grace" });
  const said = randomUUID();
  sender.post("Only once", said);
  sender.post("Only once", said);
  sender.post("Something else");

  await ada.sees("Something else");
  // Both times the answer is the same: whoever has lost the first one cannot tell.
  await expect
    .poll(() => sender.heard.filter((text) => text.startsWith('["$')).slice(1))
    .toEqual(['["$reply",1]', '["$reply",2]', '["$reply",3]']);
  await expect(ada.log.locator("article p")).toHaveText(["Only once", "Something else"]);
  await ada.page.reload();
  await expect(ada.log.locator("article p")).toHaveText(["Only once", "Something else"]);
});

test("nobody enters without a key", async ({ people, baseURL }) => {
  const room = uniqueRoom("keyless");
  const ada = await people.join(room, "Ada");

  const nobody = await RoomClient.connect(baseURL, room, { name: "Nobody", key: null });
  const [close] = (await once(nobody.socket, "close")) as [CloseEvent];
  expect(close.code).toBe(4401);
  await expect(ada.people).toHaveText([/Ada/]);
});

test("nobody speaks as somebody else, by their public id or their message’s", async ({
  people,
  baseURL,
}) => {
  const room = uniqueRoom("impostor");
  const ada = await people.join(room, "Ada");
  const grace = await RoomClient.connect(baseURL, room, { name: "Grace" });
  const said = randomUUID();
  grace.post("I am Grace", said);
  const person = await authorOf("I am Grace", grace);

  const eve = await RoomClient.connect(baseURL, room, { name: "Grace", key: person });
  eve.post("No, I am Grace", said);
  await expect.poll(() => eve.heard.join()).toContain('"id_taken"');
  eve.post("I am Grace, too");
  await ada.sees("I am Grace, too");
  await expect(ada.log.locator("article p")).toHaveText(["I am Grace", "I am Grace, too"]);
  await expect(ada.people).toHaveCount(3);
  expect(await authorOf("I am Grace, too", eve)).not.toBe(person);
});

/** The id of whoever said something, once a client has heard it. */
async function authorOf(text: string, { heard }: RoomClient): Promise<string> {
  const find = () => heard.find((frame) => frame.includes(JSON.stringify(text)));
  await expect.poll(find).toBeDefined();
  const [, { person }] = JSON.parse(find() ?? "") as [name: string, data: { person: string }];
  return person;
}
