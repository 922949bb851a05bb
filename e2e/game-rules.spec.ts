import { expect, test } from "@playwright/test";
import {
  type Card,
  deal,
  type GameValue,
  layDown,
  leadersOf,
  leaveSeats,
  mayPlay,
  newGame,
  settle,
  takeSeat,
  winnerOf,
} from "../apps/demo/game-rules";

/** A game with players of these names, who are their own clients. */
function gameOf(...names: readonly string[]): GameValue {
  const game = newGame();
  for (const name of names) takeSeat(game, { id: name, name });
  return game;
}

function play(game: GameValue, cards: Readonly<Record<string, Card>>): void {
  for (const [id, card] of Object.entries(cards)) {
    game.hands[id] = [card, ...(game.hands[id] ?? []).slice(1)];
    layDown(game, id, card);
    settle(game);
  }
}

test("the highest card that no other matches wins", () => {
  expect(winnerOf({ ada: "9H", grace: "10S", edsger: "1C" })).toBe("grace");
  expect(winnerOf({ ada: "10H", grace: "10S", edsger: "1C" })).toBe("edsger");
  expect(winnerOf({ ada: "10H", grace: "10S" })).toBeNull();
  expect(winnerOf({})).toBeNull();
});

test("eight players get all cards, each once", () => {
  const game = gameOf("a", "b", "c", "d", "e", "f", "g", "h");
  expect(takeSeat(game, { id: "i", name: "i" })).toBe(false);
  expect(takeSeat(game, { id: "a", name: "a" }), "a seat that one has").toBe(true);
  deal(game, () => 0.5);
  const cards = Object.values(game.hands).flat();
  expect([cards.length, new Set(cards).size]).toEqual([40, 40]);
});

test("cards stay face down until all have played", () => {
  const game = gameOf("ada", "grace");
  deal(game, () => 0);
  play(game, { ada: "9H" });
  expect(game).toMatchObject({ round: 1, last: null, faceDown: { ada: "9H" } });
  expect(mayPlay(game, "ada", game.hands["ada"]![0]!), "a second card").toBe(false);
  play(game, { grace: "3S" });
  expect(game).toMatchObject({ round: 2, faceDown: {}, last: { round: 1, winner: "ada" } });
  expect(game.players.map(({ score, cards }) => [score, cards])).toEqual([
    [1, 4],
    [0, 4],
  ]);
});

test("a card of another hand cannot be played, nor any card by a watcher", () => {
  const game = gameOf("ada", "grace");
  expect(mayPlay(game, "ada", "1C"), "before the game").toBe(false);
  deal(game, () => 0);
  const [card] = game.hands["ada"] as [Card];
  expect(mayPlay(game, "ada", card)).toBe(true);
  expect(mayPlay(game, "grace", card)).toBe(false);
  expect(mayPlay(game, "edsger", card)).toBe(false);
});

test("the game is over after five rounds, and nobody keeps a card", () => {
  const game = gameOf("ada", "grace");
  deal(game, () => 0);
  for (let round = 1; round <= 5; round += 1) play(game, { ada: "9H", grace: "3S" });
  expect(game).toMatchObject({ phase: "over", hands: {}, faceDown: {}, last: { round: 5 } });
  expect(leadersOf(game.players).map(({ id }) => id)).toEqual(["ada"]);
});

test("a round goes on without a player who leaves, and a game without enough players ends", () => {
  const game = gameOf("ada", "grace", "edsger");
  deal(game, () => 0);
  play(game, { ada: "9H", grace: "3S" });
  leaveSeats(game, new Set(["edsger"]));
  expect(game).toMatchObject({ phase: "playing", round: 2, last: { winner: "ada" } });
  leaveSeats(game, new Set(["grace"]));
  expect(game).toMatchObject({ phase: "waiting", hands: {}, players: [{ id: "ada", cards: 0 }] });
});
