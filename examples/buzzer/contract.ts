import { defineContract, type } from "@partyflare/shared";

/**
 * A contract without a validator: `type<T>()` is a type alone, and checks nothing. It fits where a
 * client sends nothing that could be wrong, as here, and what the room itself sends.
 */
export const buzzer = defineContract({
  fromClient: { reset: type<void>() },
  fromServer: { buzzed: type<{ by: string }>(), ready: type<void>() },
  calls: { buzz: { input: type<void>(), output: type<{ isFirst: boolean }>() } },
  tags: ["host", "player"],
});
