import "./base.css";
import "./poll.css";
import { browserKey, connect, presence, sharedState } from "@partyflare/client";
// Only types: the page's bundle has neither the contract nor zod.
import type { poll } from "../worker/contract";
import { find } from "./find";
import { describe, roomName } from "./room";

const options = find("#options", HTMLElement);
const close = find("#close", HTMLButtonElement);
const problem = find("#problem", HTMLElement);
const status = find("#status", HTMLElement);

/** The buttons, by their options. */
const buttons = new Map<string, HTMLButtonElement>();

const room = connect<typeof poll>({
  party: "poll",
  room: roomName,
  // One person, and one vote, in all tabs of this browser.
  key: browserKey(),
});
const here = presence(room);
const shared = sharedState(room);

room.onStatus(show);
here.subscribe(show);
shared.subscribe(show);
close.addEventListener("click", () => report(room.call("close")));

function show() {
  status.textContent = describe(room.status);
  if (!shared.value) return;
  const { question, isOpen, host, votes } = shared.value;
  const me = room.client ?? "";
  const all = Object.values(votes);
  find("#question", HTMLElement).textContent = question;
  status.textContent = `${describe(room.status)}, ${here.size} here${isOpen ? "" : ". The poll is closed."}`;
  close.hidden = host !== me || !isOpen;
  for (const option of shared.value.options) {
    const count = all.filter((each) => each === option).length;
    const button = buttonOf(option);
    button.lastElementChild!.textContent = String(count);
    button.style.setProperty("--share", `${(100 * count) / Math.max(1, all.length)}%`);
    button.ariaPressed = String(votes[me] === option);
    button.disabled = !isOpen;
  }
}

function buttonOf(option: string): HTMLButtonElement {
  const known = buttons.get(option);
  if (known) return known;
  const button = document.createElement("button");
  const label = document.createElement("span");
  label.textContent = option;
  button.append(label, " ", document.createElement("span"));
  button.addEventListener("click", () => choose(option));
  buttons.set(option, button);
  options.append(button);
  return button;
}

/** Votes. The vote shows at once, also while the connection is lost. */
function choose(option: string) {
  const me = room.client ?? "";
  const vote = room.call("vote", { option });
  report(
    shared.optimistic(vote, (before) => ({ ...before, votes: { ...before.votes, [me]: option } })),
  );
}

/** Shows why the room has refused something. */
function report(answer: Promise<void>) {
  problem.textContent = "";
  answer.catch((error: Error) => {
    problem.textContent = error.message;
  });
}
