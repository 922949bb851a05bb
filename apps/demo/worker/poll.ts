import { type ConnectionOf, Party, PartyError, presence, sharedState } from "partyflare";
import { poll } from "../contract";
import { GRACE_MS } from "../limits";
import { castVote, newPoll } from "../poll-rules";
import { ownEntry } from "./own-entry";

/** A poll. Each client has one vote, and the client that comes first is its host. */
export class Poll extends Party.for(poll) {
  static override options = { hibernate: true };

  readonly presence = this.use(presence({ graceMs: GRACE_MS }));

  readonly poll = this.use(
    sharedState({
      initial: newPoll(),
      // How the others have voted is nobody's business.
      view: (value, { client }) => ({ ...value, votes: ownEntry(value.votes, client) }),
      // One view for all tabs of a browser.
      viewOf: ({ client }) => client,
    }),
  );

  readonly on = this.handle({
    vote: ({ client }, { option }) => {
      const { isOpen, options } = this.poll.value;
      if (!isOpen) throw new PartyError("poll_closed", { message: "The poll is closed." });
      if (!options.some(({ id }) => id === option)) throw new PartyError("invalid");
      this.poll.change((value) => castVote(value, client, option));
    },
    setOpen: ({ client }, { isOpen }) => {
      if (client !== this.poll.value.host) {
        throw new PartyError("not_host", { message: "Only the poll’s host may do this." });
      }
      this.poll.change((value) => {
        value.isOpen = isOpen;
      });
    },
  });

  override onConnect({ client }: ConnectionOf<typeof poll>): void {
    if (this.poll.value.host !== null) return;
    this.poll.change((value) => {
      value.host = client;
    });
  }
}
