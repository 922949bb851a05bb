import { runInDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";
import { openDurableRoom } from "../rooms";
import { RoomStorage, type Table } from "../../src/storage/room-storage";
import { Turn } from "../../src/turn";

const first: Table = {
  name: "partyflare_test",
  version: 1,
  create: (sql) => void sql.exec(`CREATE TABLE partyflare_test (one INTEGER)`),
};

const second: Table = {
  ...first,
  version: 2,
  migrate: (sql) => void sql.exec(`ALTER TABLE partyflare_test ADD COLUMN two INTEGER`),
};

it("a table whose migration a platform transaction rolled back is migrated again", async () => {
  const room = openDurableRoom("HIBERNATING_DURABLE");
  const columns = await runInDurableObject(room.stub, async (_party, { storage }) => {
    const life = () => {
      const turn = new Turn(() => {});
      turn.start();
      return new RoomStorage(storage, turn, { onRollback() {}, onWiped() {} });
    };
    life().open(first);
    // A deploy.
    const after = life();
    try {
      storage.transactionSync(() => {
        after.open(second);
        throw new Error("rolled back");
      });
    } catch {}
    await scheduler.wait(5);
    after.open(second);
    return after.sql.exec(`SELECT * FROM partyflare_test`).columnNames;
  });
  expect(columns).toEqual(["one", "two"]);
});
