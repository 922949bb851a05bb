import { afterEach, beforeEach, expect, it } from "vitest";
import { beginScript, endScript, enter, open, sockets } from "../../test/scripted";

beforeEach(beginScript);
afterEach(() => expect(endScript()).toBe(0));

const say = (text: string) => ["say" as never, { text } as never] as const;

it("what a task has sent leaves before the room connects anew in the same task", async () => {
  const { room } = enter();
  const first = await open();
  expect(room.emit(...say("1"))).toBe("sent");
  expect(room.emit(...say("2"), { volatile: true })).toBe("sent");
  room.reconnect();
  expect(first.sent.join("\n")).toContain('["say",{"text":"1"}]\n["say",{"text":"2"}]');
  expect(room.emit(...say("3"))).toBe("held");
  const second = await open();
  expect(second.sent.join("\n")).toContain('["say",{"text":"3"}]');
  expect(sockets).toHaveLength(2);
});

it("what a task has sent leaves before the room is asked whether it is there", async () => {
  const { room } = enter();
  const socket = await open();
  expect(room.emit(...say("1"), { volatile: true })).toBe("sent");
  room.probe();
  expect(socket.sent.join("\n")).toContain('["say",{"text":"1"}]');
  expect(room.emit(...say("2"))).toBe("held");
});
