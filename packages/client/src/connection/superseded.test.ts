import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventually } from "../../test/eventually";
import type { Room } from "../room/room";
import { type chat, Rooms, webSocketClasses } from "../../test/rooms";

describe.each(webSocketClasses)("a connection that is superseded, with $name", ({ WebSocket }) => {
  let rooms: Rooms;
  beforeEach(async () => {
    rooms = await Rooms.start();
  });
  afterEach(() => rooms.stop());

  it("is closed for good: two tabs never fight", async () => {
    const { room, visit } = await rooms.open({ WebSocket });
    visit.socket.close(4_409, "superseded");
    await eventually(() => expect(room.status.state).toBe("closed"));
    expect(room.status).toMatchObject({ error: { code: "superseded" } });
  });

  it("comes back, 3 times, where that may be by an attempt of its own that it had given up", async () => {
    rooms.server.mode = "ignore";
    const { room } = rooms.enter({ WebSocket, connectionTimeout: 1_000 });
    await eventually(() => expect(rooms.server.turnedAway).toBeGreaterThan(0));
    rooms.server.mode = "accept";
    await expectComebacks(rooms, room, 3);
  });

  it("comes back, 3 times, where that may be by an attempt of an earlier page of its id", async () => {
    const { room } = rooms.enter({ WebSocket, id: "ada" });
    await expectComebacks(rooms, room, 3);
  });
});

/** Expects so many connections that are superseded before the client stays away. */
async function expectComebacks(
  rooms: Rooms,
  room: Room<typeof chat>,
  comebacks: number,
): Promise<void> {
  for (let number = 1; number <= comebacks + 1; number++) {
    const { socket } = await rooms.visit(number);
    socket.close(4_409, "superseded");
  }
  await eventually(() => expect(room.status.state).toBe("closed"));
  expect(rooms.server.visits.length).toBe(comebacks + 1);
}
