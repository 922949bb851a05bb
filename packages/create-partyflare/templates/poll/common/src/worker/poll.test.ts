import { env } from "cloudflare:workers";
import { openRoom } from "partyflare/testing";
import { expect, it } from "vitest";

it("counts one vote for each client, the newest, also after hibernation", async () => {
  const room = await openRoom(env.Poll);
  const ada = await room.join();
  const bob = await room.join();

  await ada.call("vote", { option: "Soup" });
  await room.sleep();
  await ada.call("vote", { option: "Cake" });
  await bob.call("vote", { option: "Cake" });

  await expect.poll(() => Object.values(ada.shared.value?.votes ?? {})).toEqual(["Cake", "Cake"]);
});

it("refuses an option that the poll does not have", async () => {
  const room = await openRoom(env.Poll);
  const ada = await room.join();

  await expect(ada.call("vote", { option: "Stones" })).rejects.toMatchObject({ code: "invalid" });
});

it("is closed by its host alone, and takes no votes then", async () => {
  const room = await openRoom(env.Poll);
  const host = await room.join();
  const bob = await room.join();

  await expect(bob.call("close")).rejects.toMatchObject({ code: "forbidden" });
  await host.call("close");

  await expect(bob.call("vote", { option: "Soup" })).rejects.toMatchObject({ code: "poll_closed" });
});
