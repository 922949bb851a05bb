import { PartyError } from "@partyflare/shared";
import { expect, it } from "vitest";
import { describeRooms, openStrictRoom, type TestRoom } from "../../test/rooms";

/** Asks the room itself, as its Worker does. */
function askRoom(room: Pick<TestRoom, "stub">, query = ""): Promise<Response> {
  return room.stub.fetch(`https://example.com/${query}`, {
    headers: { Upgrade: "websocket", "Sec-WebSocket-Protocol": "partyflare.1" },
  });
}

describeRooms("a client that is refused", (open) => {
  it.each([
    ["by authorize", "", new PartyError("unauthorized"), 4401],
    ["for an error of the party's", "", new Error("secret"), 1011],
    ["for its id", "?_pk=%20", undefined, 4400],
  ])("%s gets no socket of the room's, which it could keep awake", async (_why, query, ...rest) => {
    const [error, code] = rest;
    const room = open({
      authorize() {
        if (error) throw error;
      },
      onError: () => {},
    });
    const response = await askRoom(room, query);
    expect(response.webSocket).toBeNull();
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(await response.text()).not.toContain("secret");
    // Its Worker tells it in a way that a browser can read.
    const socket = await room.connect(query, ["partyflare.1"]);
    expect(await socket.frame()).toMatchObject(["$close", { code }]);
    expect((await socket.closed()).code).toBe(code);
    expect(JSON.stringify(socket.received)).not.toContain("secret");
  });
});

it("a client that finds the room full gets no socket of the room's either", async () => {
  const room = openStrictRoom({});
  await room.connect("?_pk=first");
  await room.connect("?_pk=second");
  const response = await askRoom(room);
  expect(response.webSocket).toBeNull();
  expect(response.status).toBe(503);
  const socket = await room.connect("", ["partyflare.1"]);
  expect(await socket.frame()).toMatchObject(["$close", { code: 4503, retry: true }]);
});
