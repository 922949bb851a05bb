/** Shared state in a party: code that must compile, and code that must not. Checked by `tsc`. */
import { defineContract, type } from "@partyflare/shared";
import { Party, sharedState } from "./index";

const poll = defineContract({
  shared: type<{ phase: "open" | "closed"; votes: Record<string, number> }>(),
});
const plain = defineContract({ fromServer: { said: type<string>() } });

class Poll extends Party.for(poll) {
  readonly poll = this.use(
    sharedState({
      initial: { phase: "open", votes: {} },
      view: (value, { client }) => ({ ...value, votes: { me: value.votes[client] ?? 0 } }),
      viewOf: ({ client }) => client,
    }),
  );

  close(): void {
    this.poll.change((draft) => (draft.phase = "closed"));
    // @ts-expect-error -- not a phase
    this.poll.change((draft) => (draft.phase = "over"));
  }
}

class WithoutOptions extends Party.for(poll) {
  // @ts-expect-error -- the room needs a first value
  readonly poll = this.use(sharedState());
}

class WithoutInitial extends Party.for(poll) {
  // @ts-expect-error -- the room needs a first value
  readonly poll = this.use(sharedState({ persist: false }));
}

class WithPart extends Party.for(poll) {
  // @ts-expect-error -- it is not whole
  readonly poll = this.use(sharedState({ initial: { phase: "open" } }));
}

class WithoutShared extends Party.for(plain) {
  // @ts-expect-error -- the contract has no `shared`
  readonly poll = this.use(sharedState({ initial: { phase: "open" } }));
}

export const classes = [Poll, WithPart, WithoutInitial, WithoutOptions, WithoutShared];
