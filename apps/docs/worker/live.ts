import { history, Party, PartyError, presence, sharedState } from "partyflare";
import { live } from "../contract";
import { NAMES } from "../names";

/** How long a room without readers keeps what it has stored, in ms. */
const KEEP_MS = 60 * 60 * 1_000;

/** A reader's own room: two clients of one page. It deletes everything when the reader has left. */
export class Live extends Party.for(live) {
  static override options = { hibernate: true, limits: { connections: 4 } };

  readonly history = this.use(history({ events: ["said"], keepEvents: 50, keepMs: KEEP_MS }));

  readonly presence = this.use(presence({ who: ({ state: { name } }) => ({ key: name, name }) }));

  readonly list = this.use(
    sharedState({ initial: { packed: { tent: true, lamp: false, stove: false, map: false } } }),
  );

  readonly on = this.handle({
    say: ({ state }, message) => {
      this.emit("said", { ...message, by: state.name });
      this.#deleteLater();
    },
    pack: (_from, { item, isPacked }) => {
      this.list.change((draft) => {
        draft.packed[item] = isPacked;
      });
      this.#deleteLater();
    },
  });

  override authorize(request: Request) {
    const wanted = new URL(request.url).searchParams.get("name");
    const name = NAMES.find((each) => each === wanted);
    if (name === undefined) throw new PartyError("forbidden");
    return { name };
  }

  /** The history makes its tables for a reader who only looks, too. */
  override onConnect(): void {
    this.#deleteLater();
  }

  override async onAlarm(): Promise<void> {
    if (this.getConnections().length > 0) this.#deleteLater();
    else await this.ctx.storage.deleteAll();
  }

  #deleteLater(): void {
    void this.ctx.storage.setAlarm(Date.now() + KEEP_MS);
  }
}
