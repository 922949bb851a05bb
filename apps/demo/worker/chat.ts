import {
  type ConnectionOf,
  type Credential,
  history,
  Party,
  PartyError,
  presence,
} from "partyflare";
import { chat, type ChatMessage, type Person } from "../contract";
import { CUT_MS, GRACE_MS, MAX_REMEMBERED, RESTART_EVERY_MS } from "../limits";
import { visitorOf } from "./visitor";

/** Its last messages stay however long nobody says anything. */
const FOR_EVER_MS = Number.MAX_SAFE_INTEGER;

/** The key of the time of the last restart, in milliseconds since 1970. */
const RESTARTED_AT = "restartedAtMs";

/** A room where people talk. It sleeps whenever nobody says anything, and forgets nothing by it. */
export class Chat extends Party.for(chat) {
  static override options = { hibernate: true };

  readonly history = this.use(
    history({ events: ["said"], keepEvents: MAX_REMEMBERED, keepMs: FOR_EVER_MS }),
  );

  readonly presence = this.use(
    presence({ who: ({ state: { id, name } }) => ({ key: id, name }), graceMs: GRACE_MS }),
  );

  /** Another one after every start and every wake: what sleeps forgets its fields. */
  readonly #instance = crypto.randomUUID();

  readonly on = this.handle({
    life: () => this.#instance,
    post: ({ state }, draft) => this.#post(state, draft),
    rename: ({ state }, { name }) => {
      this.#introduce({ id: state.id, name });
      return { name };
    },
    restart: () => this.#restart(),
    cut: (from) => {
      const { closeCode, code } = new PartyError("cut", { retryAfterMs: CUT_MS });
      from.close(closeCode, code, { retry: true, retryAfterMs: CUT_MS });
    },
  });

  override authorize(request: Request, credential: Credential): Promise<Person> {
    return visitorOf(this.room, request, credential);
  }

  override onConnect({ state }: ConnectionOf<typeof chat>): void {
    this.#introduce(state);
  }

  /** For whoever asks by plain HTTP: how many are here, and which life of the room this is. */
  override onRequest(request: Request): Response {
    if (request.method !== "GET") {
      return new Response("Only GET is answered here.", { status: 405, headers: { Allow: "GET" } });
    }
    const { room } = this;
    return Response.json({ room, people: this.presence.size, instance: this.#instance });
  }

  #post(person: Person, { id, text }: Pick<ChatMessage, "id" | "text">): void {
    this.emit("said", { id, person: person.id, name: person.name, text, atMs: Date.now() });
  }

  /** Resets the room's memory, at most once in `RESTART_EVERY_MS`, since anybody here may ask for it. */
  async #restart(): Promise<void> {
    const { kv } = this.ctx.storage;
    const nowMs = Date.now();
    const retryAfterMs = (kv.get<number>(RESTARTED_AT) ?? 0) + RESTART_EVERY_MS - nowMs;
    if (retryAfterMs > 0) {
      const message = `This room was restarted less than ${RESTART_EVERY_MS / 1_000} s ago.`;
      throw new PartyError("rate_limited", { message, retryAfterMs });
    }
    // In storage: the restart that it records empties the memory.
    kv.put(RESTARTED_AT, nowMs);
    await this.ctx.storage.sync();
    this.ctx.abort("Somebody in the room has asked for a restart.");
  }

  /** Gives a person one name in all their tabs: the newest. */
  #introduce(person: Person): void {
    for (const connection of this.getConnections()) {
      if (connection.state.id === person.id) connection.setState(person);
    }
  }
}
