import type { Contract } from "@partyflare/shared";
import { env } from "cloudflare:workers";
import { expectTypeOf } from "vitest";
import { openRoom, type TestRoom } from "./index";
import type { HibernatingTypedRoom } from "../../test/typed-parties";

export async function types() {
  const room = await openRoom(env.HIBERNATING_TYPED, "lobby");
  expectTypeOf(room).toEqualTypeOf<TestRoom<HibernatingTypedRoom>>();
  const ada = await room.join();
  expectTypeOf(await ada.next("said")).toEqualTypeOf<{ by: string; text: string }>();
  expectTypeOf(await ada.call("rename", { name: "" })).toEqualTypeOf<{ name: string }>();
  // @ts-expect-error -- the contract has no such event
  ada.emit("shout", {});
  // @ts-expect-error -- the contract has no such event
  void ada.next("shouted");
  void room.run((party) => party.emit("said", { by: "", text: "" }));
  const untyped = await openRoom(env.HIBERNATING_TYPED as DurableObjectNamespace);
  void untyped.run((party) => party.broadcast("hello"));
  expectTypeOf(untyped.join<Contract>).toBeFunction();
}
