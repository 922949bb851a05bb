import { afterEach, beforeEach, expect, it } from "vitest";
import { beginScript, endScript, enter, sockets, turn } from "../../test/scripted";

beforeEach(beginScript);
afterEach(() => expect(endScript()).toBe(0));

it("a volatile event does not wait behind calls whose turn has not come", async () => {
  const { room } = enter();
  await turn();
  const socket = sockets.at(-1)!;
  socket.open();
  socket.receive('["$hello",{"id":"a","room":"l","once":{"calls":["post"],"since":"e.0"}}]');
  for (let call = 0; call < 65; call++) room.call("post" as never, undefined).catch(() => {});
  expect(room.emit("point" as never, undefined, { volatile: true })).toBe("dropped");
  for (let id = 0; id < 65; id++) socket.receive(`["$reply",${id},0]`);
  expect(socket.sent.join("\n")).not.toContain("point");
  expect(room.emit("point" as never, undefined, { volatile: true })).toBe("sent");
});
