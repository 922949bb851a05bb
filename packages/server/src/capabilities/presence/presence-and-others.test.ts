import { expect, it } from "vitest";
import { Viewer } from "../../../test/presence-viewer";
import { openPresenceHistoryRoom } from "../../../test/rooms";

const DATA = { cursor: null, typing: false };

it("sends a newcomer each event after the offset of its hello, also one from `visible`", async () => {
  const room = openPresenceHistoryRoom();
  await Viewer.join(room, { user: "ada" });
  const bob = await Viewer.join(room, { user: "bob", role: "told" });
  await Viewer.join(room, { user: "cy" });
  await bob.until(() => bob.keys.includes("cy"));
  await bob.until(() => bob.socket.received.some((message) => String(message).includes('"said"')));
  const frames = bob.socket.received
    .flatMap((message) => String(message).split("\n"))
    .map((text) => JSON.parse(text) as [string, { history: { offset: number } }, number?]);
  const hello = frames.find(([name]) => name === "$hello")!;
  const offsets = frames.flatMap(([name, , offset]) => (name === "said" ? [offset] : []));
  expect(offsets[0]).toBe(hello[1].history.offset + 1);
});

it("tells a client whose data was above its rate that the room dropped it", async () => {
  const room = openPresenceHistoryRoom();
  const bob = await Viewer.join(room, { user: "bob" });
  bob.setAll([DATA, { typing: true }, { typing: false }, { typing: true }, { typing: false }]);
  await bob.until(() => bob.errors.length > 0);
  // The name lets its client send the data again.
  expect(bob.errors).toMatchObject([{ code: "rate_limited", event: "$presence" }]);
});

it("tells a client whose subscription was above its rate that the room dropped it", async () => {
  const room = openPresenceHistoryRoom();
  const bob = await Viewer.join(room, { user: "bob", asks: false });
  bob.socket.sendAll([...Array<string>(4).fill('["$text","hi"]'), '["$with","presence",""]']);
  await bob.until(() => bob.errors.length > 0);
  expect(bob.errors).toMatchObject([{ code: "rate_limited", event: "$presence" }]);
});
