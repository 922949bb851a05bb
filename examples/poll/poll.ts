import { Party, PartyError, type PartyOptions } from "partyflare";
import { poll, type Votes } from "./contract";

interface Env {
  Poll: DurableObjectNamespace<Poll>;
}

/** A poll: everybody who is here has one vote, and sees how it stands. */
export class Poll extends Party.for(poll)<Env> {
  // While developing: what the room sends is held to the contract too.
  static options: PartyOptions = { hibernate: true, checkOutgoing: true };

  readonly on = this.handle({
    vote: (from, { option }) => {
      const { option: before } = from.state;
      if (before !== null) throw new PartyError("voted_already", { data: { option: before } });
      from.setState({ option });
      const votes = this.#count();
      this.emit("counted", votes, { except: [from.id] });
      return votes;
    },
  });

  authorize() {
    return { option: null };
  }

  onClose() {
    this.emit("counted", this.#count());
  }

  #count(): Votes {
    const chosen = this.getConnections().flatMap(({ state }) => state.option ?? []);
    return [...new Set(chosen)].toSorted().map((option) => ({
      option,
      votes: chosen.filter((other) => other === option).length,
    }));
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
