import { exports } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { kvErrors } from "../../test/kv-parties";
import { TestSocket } from "../../test/test-socket";

/** A connection to a room of such a class, asked for through the Worker. */
async function upgrade(party: string, headers: Record<string, string> = {}) {
  const room = `room-${crypto.randomUUID()}`;
  const response = await exports.default.fetch(`https://example.com/parties/${party}/${room}`, {
    headers: { Upgrade: "websocket", ...headers },
  });
  return { room, response };
}

describe("a class without SQLite", () => {
  it.each([
    ["history", "KV_HISTORY"],
    ["calls that happen once", "KV_ONCE"],
    ["a timed capability", "KV_TIMED"],
  ])("that uses %s fails at its start, and the error says what to do", async (_what, party) => {
    const { room, response } = await upgrade(party);
    await response.arrayBuffer();
    expect(response.status).toBe(500);
    const errors = kvErrors.get(room) ?? [];
    expect(errors.length).toBe(1);
    const [during, error] = errors[0] ?? [];
    expect(during).toBe("onStart");
    expect(String(error)).toMatch(/SQLite/);
    expect(String(error)).toMatch(/new_sqlite_classes/);
  });

  it("that uses none of them is served", async () => {
    const { room, response } = await upgrade("KV_PLAIN", {
      "Sec-WebSocket-Protocol": "partyflare.1",
    });
    if (!response.webSocket) throw new Error(`Answered with ${response.status}.`);
    const socket = new TestSocket(response.webSocket, async () => {});
    expect(await socket.frame()).toMatchObject(["$hello", { room }]);
    expect(await socket.frame()).toEqual(["said", "hello"]);
    expect(kvErrors.get(room)).toBeUndefined();
  });
});
