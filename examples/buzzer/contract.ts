import { defineContract, type } from "@partyflare/shared";

/**
 * A contract without a validator. `type<T>()` only declares a type and checks nothing. Use it for
 * data that the room sends, and if clients send no data, as here.
 */
export const buzzer = defineContract({
  fromClient: { reset: type<void>() },
  fromServer: { buzzed: type<{ by: string }>(), ready: type<void>() },
  calls: { buzz: { input: type<void>(), output: type<{ isFirst: boolean }>() } },
  tags: ["host", "player"],
});
