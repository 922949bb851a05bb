import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventually } from "../test/eventually";
import { RoomServer } from "../test/room-server";
import type { chat } from "../test/rooms";
import type { ShareOptions } from "./react/address";
import { type SharedHandle, shareRoom } from "./share-room";

describe("shareRoom", () => {
  let server: RoomServer;
  let name: string;
  const handles: SharedHandle<typeof chat>[] = [];

  beforeEach(async () => {
    server = await RoomServer.start();
    name = randomUUID();
  });

  afterEach(async () => {
    for (const { release, room } of handles.splice(0)) {
      release();
      room.close();
    }
    await server.stop();
  });

  function share(options: Partial<ShareOptions> = {}): SharedHandle<typeof chat> {
    const handle = shareRoom<typeof chat>({
      host: server.host,
      party: "chat",
      room: name,
      ...options,
    });
    handles.push(handle);
    return handle;
  }

  it("connects where a function for the token comes after the room has closed for want of one", async () => {
    const one = share({ identity: "ada" });
    await eventually(() => expect(server.visits).toHaveLength(1));
    server.visits[0]!.socket.close(4401, "unauthorized");
    await eventually(() => expect(one.room.status.state).toBe("closed"));
    const other = share({ identity: "ada", token: () => "secret" });
    expect(other.room).toBe(one.room);
    await eventually(() => expect(server.visits).toHaveLength(2));
    expect(server.visits[1]?.token).toBe("secret");
  });

  it("closes a second after the first call of release, however often it is called", async () => {
    const { release, room } = share();
    await eventually(() => expect(room.status.state).toBe("open"));
    release();
    const often = setInterval(release, 100);
    try {
      await eventually(() => expect(room.status.state).toBe("closed"));
    } finally {
      clearInterval(often);
    }
  });
});
