import { browserKey, connect, sharedState } from "@partyflare/client";
import type { Immutable } from "@partyflare/shared";
import type { game, GameState, Player } from "../contract";

const players = find("#players", HTMLElement);
const hand = find("#hand", HTMLElement);
const join = find("#join", HTMLFormElement);
const deal = find("#deal", HTMLButtonElement);
const status = find("#status", HTMLElement);

const room = connect<typeof game>({
  party: "game",
  room: new URL(location.href).searchParams.get("room") ?? "table",
  // All tabs of this browser are one player.
  key: browserKey(),
});
const shared = sharedState(room);

shared.subscribe(show);
deal.addEventListener("click", () => {
  room.call("deal").catch(report);
});
join.addEventListener("submit", (event) => {
  event.preventDefault();
  const name = new FormData(join).get("name");
  if (typeof name === "string") room.call("join", { name }).catch(report);
});

function show(game: Immutable<GameState>) {
  const me = game.players.find(({ id }) => id === game.you);
  join.hidden = me !== undefined || game.phase === "playing";
  deal.hidden = me === undefined;
  status.textContent = shared.status === "live" ? describe(game, me) : "Connecting …";
  players.replaceChildren(...game.players.map((player) => item(player, game.last[player.id])));
  hand.replaceChildren(...(me?.hand.map((card) => button(card, me.played !== null)) ?? []));
}

function describe({ phase }: Immutable<GameState>, me: Immutable<Player> | undefined): string {
  if (phase === "over") return "The game is over.";
  if (phase === "waiting") return "Waiting for players.";
  return me?.played === null ? "Play a card." : "The others are playing.";
}

function item({ name, points, hand, played }: Immutable<Player>, last: number | undefined) {
  const line = document.createElement("li");
  const cards = "🂠".repeat(hand.length);
  const lastCard = last === undefined ? "" : `, last card ${last}`;
  line.textContent = `${name}: ${points} ${cards}${lastCard}${played === null ? "" : " ✓"}`;
  return line;
}

function button(card: number, isDisabled: boolean): HTMLButtonElement {
  const made = document.createElement("button");
  made.textContent = String(card);
  made.disabled = isDisabled;
  made.addEventListener("click", () => {
    room.call("play", { card }).catch(report);
  });
  return made;
}

function report(error: Error) {
  status.textContent = error.message;
}

function find<Found extends Element>(selector: string, kind: new () => Found): Found {
  const found = document.querySelector(selector);
  if (!(found instanceof kind)) throw new Error(`${selector} is not in the page.`);
  return found;
}
