import {
  type ConnectionOf,
  Party,
  PartyError,
  type PartyOptions,
  presence,
  sharedState,
} from "partyflare";
import { poll } from "./contract";

interface Env {
  Poll: DurableObjectNamespace<Poll>;
}

/** A poll: each browser has one vote, may change it, and sees the results live. */
export class Poll extends Party.for(poll)<Env> {
  static options: PartyOptions = { hibernate: true };

  /** Shows how many people are here. */
  readonly presence = this.use(presence());

  readonly poll = this.use(
    sharedState({
      initial: {
        question: "What is for lunch?",
        options: ["soup", "salad", "cake"],
        phase: "open",
        host: null,
        votes: {},
      },
    }),
  );

  readonly on = this.handle({
    vote: ({ client }, { option }) => {
      const { phase, options } = this.poll.value;
      if (phase === "closed") {
        throw new PartyError("poll_closed", { message: "The poll is closed." });
      }
      if (!options.includes(option)) throw new PartyError("invalid");
      this.poll.change((draft) => {
        draft.votes[client] = option;
      });
    },
    close: ({ client }) => {
      if (client !== this.poll.value.host) throw new PartyError("forbidden");
      this.poll.change((draft) => {
        draft.phase = "closed";
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
} satisfies ExportedHandler<Env>;
