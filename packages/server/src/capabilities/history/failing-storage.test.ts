import { runInDurableObject } from "cloudflare:test";
import { expect, it, vi } from "vitest";
import type { DurableRoom } from "../../../test/durable-party";
import { FramedClient, positionParameter } from "../../../test/framed-client";
import { describeDurableRooms, type TestRoom } from "../../../test/rooms";

/**
 * Lets a statement of the room's storage fail once.
 *
 * @param nth which one from now on, counted from 1.
 */
const failStatement = (room: TestRoom<DurableRoom>, nth: number) =>
  runInDurableObject(room.stub, (_party, { storage }) => {
    const { sql } = storage;
    const exec: typeof sql.exec = sql.exec.bind(sql);
    let count = 0;
    Object.defineProperty(sql, "exec", {
      configurable: true,
      value: (...query: Parameters<typeof sql.exec>) => {
        count += 1;
        if (count === nth) throw new Error("The disk is on fire.");
        return exec(...query);
      },
    });
  });

const mend = (room: TestRoom<DurableRoom>) =>
  runInDurableObject(room.stub, (_party, { storage: { sql } }) => {
    Reflect.deleteProperty(sql, "exec");
  });

describeDurableRooms("a storage that fails while a client comes back", (open) => {
  it.each(Array.from({ length: 12 }, (_, index) => index + 1))(
    "at statement %d leaves no ghost: who is listed is served, who is not is gone",
    async (nth) => {
      const log: string[] = [];
      const room = open({
        onConnect: (_party, { id }) => void log.push(`${id} came`),
        onClose: (_party, { id }) => void log.push(`${id} left`),
        onError: () => {},
      });
      const witness = await FramedClient.join(room, { id: "witness" });
      await runInDurableObject(room.stub, (party) => {
        for (const text of ["one", "two", "three"]) party.emit("said", text);
      });
      await failStatement(room, nth);
      const query = `?_pk=ada&${positionParameter(witness.hello.history)}`;
      const socket = await room.connect(query, ["partyflare.1"]).catch(() => undefined);
      await mend(room);
      // One that was refused may have been closed by now: then it takes no call.
      if (socket && !socket.isClosed) {
        await socket.sendFrame("$call", 9, "unknown").catch(() => {});
      }
      const isServed = await vi.waitFor(
        () => {
          if (!socket || socket.isClosed) return false;
          const text = socket.received.join("\n");
          if (text.includes('["$close"')) return false;
          if (text.includes('["$fail",9')) return true;
          throw new Error("Neither closed nor answered.");
        },
        { timeout: 60_000 },
      );
      const expected = isServed ? ["ada", "witness"] : ["witness"];
      const listed = await runInDurableObject(room.stub, (party) =>
        party
          .getConnections()
          .map(({ id }) => id)
          .toSorted(),
      );
      expect(listed).toEqual(expected);
      await vi.waitFor(
        () => {
          const came = log.filter((line) => line === "ada came").length;
          const left = log.filter((line) => line === "ada left").length;
          expect(came - left).toBe(expected.length - 1);
        },
        { timeout: 60_000 },
      );
      // A client that was refused can come at once, and is sent all that it has missed.
      const back = await FramedClient.join(room, { id: "bob", at: witness.hello.history });
      expect((await back.received()).map(([, data]) => data)).toEqual(["one", "two", "three"]);
    },
  );
});
