import { type ConnectionOf, type Credential, history, Party, PartyError } from "partyflare";
import { chat, type ChatMessage, nameSchema, type Person } from "../contract";
import { CUT_MS, MAX_REMEMBERED, RESTART_EVERY_MS } from "../limits";
import { personId } from "./person-id";

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

  /** Another one after every start and every wake: what sleeps forgets its fields. */
  readonly #instance = crypto.randomUUID();

  readonly on = this.handle({
    enter: ({ state }) => ({ you: state.id, people: this.#people(), life: this.#instance }),
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

  /** The token is the visitor's secret. Who else would be them would have to know it. */
  override async authorize(request: Request, { token }: Credential): Promise<Person> {
    if (!token) throw new PartyError("unauthorized");
    const name = new URL(request.url).searchParams.get("name");
    return { id: await personId(this.room, token), name: nameSchema.catch("Guest").parse(name) };
  }

  override onConnect({ state }: ConnectionOf<typeof chat>): void {
    this.#introduce(state);
  }

  override onClose(): void {
    this.emit("here", this.#people());
  }

  /** For whoever asks by plain HTTP: how many are here, and which life of the room this is. */
  override onRequest(request: Request): Response {
    if (request.method !== "GET") {
      return new Response("Only GET is answered here.", { status: 405, headers: { Allow: "GET" } });
    }
    const { room } = this;
    return Response.json({ room, people: this.#people().length, instance: this.#instance });
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

  /** Gives a person one name in all their tabs, the newest, and tells everyone who is here. */
  #introduce(person: Person): void {
    for (const connection of this.getConnections()) {
      if (connection.state.id === person.id) connection.setState(person);
    }
    this.emit("here", this.#people());
  }

  /** Everyone who is here, each once, by name. */
  #people(): Person[] {
    const people = new Map(this.getConnections().map(({ state }) => [state.id, state]));
    return [...people.values()].toSorted((a, b) => a.name.localeCompare(b.name));
  }
}
