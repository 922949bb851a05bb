import { Party, PartyError, type PartyOptions, sharedState } from "partyflare";
import { game } from "./contract";
import { deal, faceDown, play } from "./rules";

interface Env {
  Game: DurableObjectNamespace<Game>;
}

/** A game whose hands are hidden: the room sends each player only the own cards. */
export class Game extends Party.for(game)<Env> {
  static options: PartyOptions = { hibernate: true };

  readonly game = this.use(
    sharedState({
      initial: { phase: "waiting", players: [], last: {}, you: "" },
      view: ({ players, ...others }, { client }) => ({
        ...others,
        players: players.map((player) => (player.id === client ? player : faceDown(player))),
        you: client,
      }),
      // All tabs of a browser see the same.
      viewOf: ({ client }) => client,
    }),
  );

  readonly on = this.handle({
    join: ({ client }, { name }) => {
      this.game.change(({ phase, players }) => {
        if (players.some(({ id }) => id === client)) return;
        if (phase === "playing") throw refused("The game has begun.");
        // The schema refuses a ninth player.
        players.push({ id: client, name, hand: [], played: null, points: 0 });
      });
    },
    deal: ({ client }) => {
      const here = new Set(this.getConnections().map((connection) => connection.client));
      this.game.change((draft) => {
        const { phase, players } = draft;
        if (!players.some(({ id }) => id === client)) throw refused("Join first.");
        // Nobody waits for a player who has left.
        const staying = players.filter(({ id }) => here.has(id));
        if (phase === "playing" && staying.length === players.length) {
          throw refused("The game has begun.");
        }
        if (staying.length < 2) throw refused("The game needs another player.");
        draft.players = staying;
        deal(draft);
      });
    },
    play: ({ client }, { card }) => {
      this.game.change((draft) => {
        const player = draft.players.find(({ id }) => id === client);
        if (player?.played !== null || !player.hand.includes(card)) {
          throw refused("You cannot play this card now.");
        }
        play(draft, player, card);
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
} satisfies ExportedHandler<Env>;
