import { randomUUID } from "node:crypto";
import { expect, test } from "./support/people";
import { uniqueRoom } from "./support/person";
import { RawClient } from "./support/raw-client";

const id = randomUUID();

/** None of them is anything that the page would send. */
const NONSENSE: (string | Uint8Array<ArrayBuffer>)[] = [
  "",
  "hello",
  "{",
  "null",
  "[]",
  "42",
  '"say"',
  "{}",
  '{"type":"constructor"}',
  '{"type":"join"}',
  '{"type":"join","key":7,"name":"Eve"}',
  `{"type":"join","key":"${id}","name":"  "}`,
  `{"type":"rename","name":${"[".repeat(1_000)}${"]".repeat(1_000)}}`,
  `{"type":"say","id":"${id}","text":""}`,
  `{"type":"say","id":"${id}","text":"   "}`,
  `{"type":"say","id":"${id}","text":{"toString":1}}`,
  `{"type":"say","id":"${id}","text":"${"x".repeat(2_001)}"}`,
  `{"type":"say","id":"x","text":"An id that is too short"}`,
  `{"__proto__":{"type":"say"},"id":"${id}","text":"From a prototype"}`,
  new Uint8Array([0, 255, 128]),
];

test("what no page would send disturbs nobody", async ({ people, baseURL }) => {
  const room = uniqueRoom("nonsense");
  const ada = await people.join(room, "Ada");

  const eve = await RawClient.connect(baseURL, room);
  // Before joining, and after: a valid message from nobody is nonsense, too.
  eve.say("From nobody");
  for (const message of NONSENSE) eve.socket.send(message);
  eve.join("Eve\u202e\u0007 of Bad");
  for (const message of NONSENSE) eve.socket.send(message);
  eve.say("Something sensible");

  await ada.sees("Something sensible");
  await expect(ada.log.locator("article p")).toHaveText(["Something sensible"]);
  await expect(ada.people).toHaveText([/Ada/, /Eve of Bad/]);
  expect(eve.socket.readyState).toBe(WebSocket.OPEN);

  eve.socket.close(1000);
  await expect(ada.people).toHaveText([/Ada/]);
});

test("a message that is sent again under its id is heard once", async ({ people, baseURL }) => {
  const room = uniqueRoom("again");
  const ada = await people.join(room, "Ada");
  const sender = await RawClient.connect(baseURL, room);
  sender.join("Grace");
  const said = randomUUID();
  sender.say("Only once", said);
  sender.say("Only once", said);
  sender.say("Something else");

  await ada.sees("Something else");
  await expect(ada.log.locator("article p")).toHaveText(["Only once", "Something else"]);
  await ada.page.reload();
  await expect(ada.log.locator("article p")).toHaveText(["Only once", "Something else"]);
});
