import { defineContract, type } from "@partyflare/shared";

/** What rooms with durable events, and their clients, exchange in the fault runs. */
export const posts = defineContract({
  fromServer: { posted: type<Post>() },
  calls: {
    /** Answered with the offset of its event. */
    post: { input: type<{ number: number }>(), output: type<{ offset: number }>(), once: true },
  },
});

/** What a client has posted. */
export interface Post {
  /** The id of the connection that sent it. */
  by: string;
  /** Counted by its client, from 1. */
  number: number;
}
