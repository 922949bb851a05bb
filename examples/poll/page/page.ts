import { browserKey, connect, presence, sharedState } from "@partyflare/client";
import type { poll } from "../contract";

const question = find("#question", HTMLElement);
const options = find("#options", HTMLElement);
const close = find("#close", HTMLButtonElement);
const status = find("#status", HTMLElement);
const buttons = new Map<string, HTMLButtonElement>();

const room = connect<typeof poll>({
  party: "poll",
  room: new URL(location.href).searchParams.get("room") ?? "lunch",
  // One person, and one vote, in all tabs of this browser.
  key: browserKey(),
});
const people = presence(room);
const shared = sharedState(room);

shared.subscribe(show);
people.subscribe(show);
room.onStatus(show);
close.addEventListener("click", () => {
  room.call("close").catch(report);
});

function vote(option: string) {
  const me = room.client;
  if (me === undefined) return;
  shared
    .optimistic(room.call("vote", { option }), (value) => ({
      ...value,
      votes: { ...value.votes, [me]: option },
    }))
    .catch(report);
}

function show() {
  if (!shared.value) return;
  const me = room.client ?? "";
  const { host, phase, votes } = shared.value;
  const isLive = shared.status === "live";
  status.textContent = isLive ? `The poll is ${phase}. ${people.size} here.` : "Connecting …";
  const counted = Object.values(votes);
  question.textContent = shared.value.question;
  close.hidden = host !== me || phase === "closed";
  for (const option of shared.value.options) {
    const count = counted.filter((each) => each === option).length;
    const button = buttonOf(option);
    button.textContent = `${option}: ${count}`;
    button.style.setProperty("--share", `${(100 * count) / Math.max(1, counted.length)}%`);
    button.ariaPressed = String(votes[me] === option);
    button.disabled = phase === "closed";
  }
}

function buttonOf(option: string): HTMLButtonElement {
  const known = buttons.get(option);
  if (known) return known;
  const button = document.createElement("button");
  button.addEventListener("click", () => vote(option));
  buttons.set(option, button);
  options.append(button);
  return button;
}

function report(error: Error) {
  status.textContent = error.message;
}

function find<Found extends Element>(selector: string, kind: new () => Found): Found {
  const found = document.querySelector(selector);
  if (!(found instanceof kind)) throw new Error(`${selector} is not in the page.`);
  return found;
}
