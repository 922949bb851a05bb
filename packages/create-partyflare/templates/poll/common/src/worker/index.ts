import {
  type ConnectionOf,
  Party,
  PartyError,
  type PartyOptions,
  presence,
  sharedState,
} from "partyflare";
import { poll } from "./contract";

/** A poll: each browser has one vote, may change it, and sees the results live. */
export class Poll extends Party.for(poll) {
  static options: PartyOptions = { hibernate: true };

  /** Counts the people in the room. */
  readonly presence = this.use(presence());

  /** Is stored in SQLite, and kept in sync on every page. */
  readonly poll = this.use(
    sharedState({
      initial: {
        question: "What is for lunch?",
        options: ["Soup", "Salad", "Cake"],
        isOpen: true,
        host: null,
        votes: {},
      },
    }),
  );

  readonly on = this.handle({
    vote: ({ client }, { option }) => {
      const { isOpen, options } = this.poll.value;
      if (!isOpen) throw new PartyError("poll_closed", { message: "The poll is closed." });
      if (!options.includes(option)) throw new PartyError("invalid");
      this.poll.change((draft) => {
        draft.votes[client] = option;
      });
    },
    close: ({ client }) => {
      if (client !== this.poll.value.host) throw new PartyError("forbidden");
      this.poll.change((draft) => {
        draft.isOpen = false;
      });
    },
  });

  onConnect({ client }: ConnectionOf<typeof poll>) {
    if (this.poll.value.host !== null) return;
    this.poll.change((draft) => {
      draft.host = client;
    });
  }
}

export default {
  fetch(request, env) {
    return (
      Party.fetchRoomForRequest(request, env, { parties: ["Poll"] }) ||
      new Response("Not Found", { status: 404 })
    );
  },
} satisfies ExportedHandler<Cloudflare.Env>;
