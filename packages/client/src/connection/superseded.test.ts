import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventually } from "../../test/eventually";
import { Rooms, webSocketClasses } from "../../test/rooms";

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

  it("comes back, once, where that may be by an attempt of its own that it had given up", async () => {
    rooms.server.mode = "ignore";
    const { room } = rooms.enter({ WebSocket, connectionTimeout: 1_000 });
    await eventually(() => expect(rooms.server.turnedAway).toBeGreaterThan(0));
    rooms.server.mode = "accept";
    const second = await rooms.visit(1);
    second.socket.close(4_409, "superseded");
    const third = await rooms.visit(2);
    await eventually(() => expect(room.status.state).toBe("open"));
    third.socket.close(4_409, "superseded");
    await eventually(() => expect(room.status.state).toBe("closed"));
    expect(rooms.server.visits.length).toBe(2);
  });
});
