import type { SharedOf } from "@partyflare/shared";
import type { poll } from "./contract";

/** The value of a poll. In a browser, `votes` has only the vote of that browser. */
export type PollValue = SharedOf<typeof poll>;

/** Returns the value of a poll without votes. */
export function newPoll(): PollValue {
  const options = ["Pizza", "Sushi", "Tacos", "Salad"].map((text) => ({
    id: text.toLowerCase(),
    text,
    votes: 0,
  }));
  return { question: "What is for lunch?", options, votes: {}, isOpen: true, host: null };
}

/** Counts a client's vote, in place of its earlier one. */
export function castVote({ options, votes }: PollValue, client: string, optionId: string): void {
  const before = votes[client];
  if (before === optionId) return;
  for (const option of options) {
    if (option.id === before) option.votes -= 1;
    if (option.id === optionId) option.votes += 1;
  }
  votes[client] = optionId;
}
