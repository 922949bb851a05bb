import { runInDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";
import { openDurableRoom } from "../rooms";

it("keepBytes bounds what durable events take, their audiences included", async () => {
  const keepBytes = 100_000;
  const room = openDurableRoom("HIBERNATING_DURABLE", { history: { keepBytes } });
  const clients = Array.from({ length: 2_000 }, (_, n) => `client-${String(n).padStart(15, "0")}`);
  await runInDurableObject(room.stub, (party) => {
    for (let n = 0; n < 500; n += 1) party.emit("said", n, { clients });
  });
  const stored = await runInDurableObject(room.stub, (_party, { storage }) =>
    Number(
      storage.sql
        .exec(
          `SELECT sum(length(frame) + length(coalesce(audience, ''))) AS b FROM partyflare_history`,
        )
        .one()["b"],
    ),
  );
  expect(stored).toBeLessThanOrEqual(keepBytes * 2);
});
