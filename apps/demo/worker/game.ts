import { Party, PartyError, presence, sharedState } from "partyflare";
import { game, nameSchema, type Person } from "../contract";
import { deal, layDown, leaveSeats, mayPlay, newGame, settle, takeSeat } from "../game-rules";
import { GRACE_MS, MIN_PLAYERS } from "../limits";
import { ownEntry } from "./own-entry";

/** A game of cards. The room knows all cards, and each client gets only those that it may see. */
export class Game extends Party.for(game) {
  static override options = { hibernate: true };

  readonly presence = this.use(
    presence({ who: ({ client, state }) => ({ key: client, ...state }), graceMs: GRACE_MS }),
  );

  readonly game = this.use(
    sharedState({
      initial: newGame(),
      view: (value, { client }) => ({
        ...value,
        hands: ownEntry(value.hands, client),
        faceDown: ownEntry(value.faceDown, client),
      }),
      // One view for all tabs of a browser.
      viewOf: ({ client }) => client,
    }),
  );

  readonly on = this.handle({
    join: ({ client, state: { name } }) => {
      this.game.change((value) => {
        if (!takeSeat(value, { id: client, name })) throw refused("There is no free seat now.");
      });
    },
    leave: ({ client }) => this.game.change((value) => leaveSeats(value, new Set([client]))),
    deal: ({ client }) => {
      this.#checkSeat(client);
      this.game.change((value) => {
        if (value.phase === "playing") throw refused("The game has begun already.");
        // Nobody waits for a player who is not here.
        leaveSeats(value, this.#absent());
        if (value.players.length < MIN_PLAYERS) throw refused("The game needs another player.");
        deal(value, randomNumber);
      });
    },
    play: ({ client }, { card }) => {
      this.game.change((value) => {
        if (!mayPlay(value, client, card)) throw refused("You cannot play this card now.");
        layDown(value, client, card);
        settle(value);
      });
    },
    goOn: ({ client }) => {
      this.#checkSeat(client);
      this.game.change((value) => leaveSeats(value, this.#absent()));
    },
  });

  override authorize(request: Request): Pick<Person, "name"> {
    const name = new URL(request.url).searchParams.get("name");
    return { name: nameSchema.catch("Guest").parse(name) };
  }

  /** @throws PartyError for a client without a seat: watchers do not decide. */
  #checkSeat(client: string): void {
    if (!this.game.value.players.some(({ id }) => id === client)) {
      throw refused("You have no seat in this game.");
    }
  }

  /** The players without a connection, a reload apart. */
  #absent(): Set<string> {
    const ids = this.game.value.players.map(({ id }) => id);
    return new Set(ids.filter((id) => !this.presence.get(id)));
  }
}

function refused(message: string): PartyError {
  return new PartyError("not_now", { message });
}

/** Returns a number from 0 to below 1 that nobody can predict. */
function randomNumber(): number {
  const [number = 0] = crypto.getRandomValues(new Uint32Array(1));
  return number / 2 ** 32;
}
