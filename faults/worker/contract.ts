import { defineContract, type } from "@partyflare/shared";

/** What rooms and clients of the fault runs exchange. */
export const log = defineContract({
  fromClient: { add: type<{ number: number }>() },
  fromServer: { added: type<{ seq: number; by: string; number: number }>() },
  calls: {
    addAndConfirm: { input: type<{ number: number }>(), output: type<{ seq: number }>() },
  },
  tags: ["red", "green", "blue"],
  // Tells the connections of one id apart, over all the lives of the room.
  state: type<{ visit: string }>(),
});
