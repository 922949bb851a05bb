import "./base.css";
import "./game.css";
import { browserKey, connect, sharedState } from "@partyflare/client";
// Only types: the page's bundle has neither the contract nor zod.
import type { game } from "../worker/contract";
import { markOf } from "../worker/rules";
import { find } from "./find";
import { describe, roomName } from "./room";
import { squareLabel, standing } from "./texts";

const board = find("#board", HTMLElement);
const problem = find("#problem", HTMLElement);
const restart = find("#restart", HTMLButtonElement);
const sit = find("#sit", HTMLButtonElement);
const status = find("#status", HTMLElement);

const room = connect<typeof game>({
  party: "game",
  room: roomName,
  // One player in all tabs of this browser.
  key: browserKey(),
});
const shared = sharedState(room);

const squares = Array.from({ length: 9 }, (_, square) => {
  const button = document.createElement("button");
  button.ariaLabel = squareLabel(square, null);
  // Until the room has told the game.
  button.disabled = true;
  button.addEventListener("click", () => report(room.call("mark", { square })));
  board.append(button);
  return button;
});
sit.addEventListener("click", () => report(room.call("sit")));
restart.addEventListener("click", () => report(room.call("restart")));
room.onStatus(show);
shared.subscribe(show);

function show() {
  status.textContent = describe(room.status);
  const game = shared.value;
  if (!game) return;
  const mine = markOf(game, room.client ?? "");
  if (room.status.state === "open") status.textContent = standing(game, mine);
  sit.hidden = mine !== undefined;
  restart.hidden = mine === undefined || game.result === null;
  for (const [square, button] of squares.entries()) {
    const mark = game.board[square] ?? null;
    button.textContent = mark;
    button.ariaLabel = squareLabel(square, mark);
    button.disabled = mark !== null || game.result !== null || game.turn !== mine;
  }
}

/** Shows why the room has refused something. */
function report(answer: Promise<void>) {
  problem.textContent = "";
  answer.catch((error: Error) => {
    problem.textContent = error.message;
  });
}
