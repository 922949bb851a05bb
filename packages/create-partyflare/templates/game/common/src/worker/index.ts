import { Party, PartyError, type PartyOptions, sharedState } from "partyflare";
import { game } from "./contract";
import { markOf, newGame, resultOf } from "./rules";

/** A game of noughts and crosses. Pages only ask: the room knows the rules and the seats. */
export class Game extends Party.for(game) {
  static options: PartyOptions = { hibernate: true };

  /** Is stored in SQLite, and kept in sync on every page. */
  readonly game = this.use(sharedState({ initial: newGame() }));

  readonly on = this.handle({
    sit: ({ client }) => {
      this.game.change((draft) => {
        const here = new Set(this.getConnections().map((connection) => connection.client));
        if (markOf(draft, client)) return;
        // The seat of a player who has left is free.
        const free = (["X", "O"] as const).find((seat) => !here.has(draft.players[seat] ?? ""));
        if (!free) throw refused("Both seats are taken.");
        draft.players[free] = client;
      });
    },
    mark: ({ client }, { square }) => {
      this.game.change((draft) => {
        const { board, turn, result } = draft;
        if (markOf(draft, client) !== turn) throw refused("It is not your turn.");
        if (result !== null || board[square] !== null) throw refused("This square is taken.");
        draft.board[square] = turn;
        draft.result = resultOf(draft.board);
        draft.turn = turn === "X" ? "O" : "X";
      });
    },
    restart: ({ client }) => {
      this.game.change((draft) => {
        if (!markOf(draft, client)) throw refused("Take a seat first.");
        if (draft.result === null) throw refused("The game is not over.");
        draft.board = newGame().board;
        draft.result = null;
      });
    },
  });
}

function refused(message: string): PartyError {
  return new PartyError("not_now", { message });
}

export default {
  fetch(request, env) {
    return (
      Party.fetchRoomForRequest(request, env, { parties: ["Game"] }) ||
      new Response("Not Found", { status: 404 })
    );
  },
} satisfies ExportedHandler<Cloudflare.Env>;
