import { type ConnectionOf, type Credential, Party, PartyError } from "partyflare";
import { chat, type ChatMessage, nameSchema, type Person } from "../contract";
import { History } from "./history";
import { personId } from "./person-id";

/** A room where people talk. It sleeps whenever nobody says anything, and forgets nothing by it. */
export class Chat extends Party.for(chat) {
  static override options = { hibernate: true };

  readonly #history = new History(this.ctx.storage.sql);

  /** Another one after every start and every wake: what sleeps forgets its fields. */
  readonly #instance = crypto.randomUUID();

  readonly on = this.handle({
    enter: ({ state }) => ({
      you: state.id,
      people: this.#people(),
      messages: this.#history.all(),
    }),
    post: ({ state }, draft) => this.#post(state, draft),
    rename: ({ state }, { name }) => {
      this.#introduce({ id: state.id, name });
      return { name };
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
    // A client that has lost its connection before the answer says it again.
    const known = this.#history.find(id);
    if (known?.person === person.id) return;
    if (known)
      throw new PartyError("id_taken", { message: "Somebody else’s message has this id." });
    const message = { id, person: person.id, name: person.name, text, atMs: Date.now() };
    this.#history.add(message);
    this.emit("said", message);
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
