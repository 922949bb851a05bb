import { type Connection, type Message, Party } from "partyflare";
import type { ClientMessage, Person, ServerMessage } from "../messages";
import { History } from "./history";
import { personId } from "./person-id";
import { readClientMessage } from "./read-client-message";

/** A connection of somebody who has joined; before that its state is null. */
type ChatConnection = Connection<Person>;

/** A room where people talk. It sleeps whenever nobody says anything, and forgets nothing by it. */
export class Chat extends Party {
  static override options = { hibernate: true };

  readonly #history = new History(this.ctx.storage.sql);

  /** Another one after every start and every wake: what sleeps forgets its fields. */
  readonly #instance = crypto.randomUUID();

  override async onMessage(connection: ChatConnection, message: Message): Promise<void> {
    const received = readClientMessage(message);
    switch (received?.type) {
      case undefined:
        return;
      case "join":
        return this.#join(connection, received);
      case "rename":
        return this.#rename(connection, received);
      case "say":
        return this.#say(connection, received);
      default:
        received satisfies never;
    }
  }

  override onClose(connection: ChatConnection): void {
    if (connection.state) this.#tellWhoIsHere();
  }

  /** For whoever asks by plain HTTP: how many are here, and which life of the room this is. */
  override onRequest(request: Request): Response {
    if (request.method !== "GET") {
      return new Response("Only GET is answered here.", { status: 405, headers: { Allow: "GET" } });
    }
    const { room } = this;
    return Response.json({ room, people: this.#people().length, instance: this.#instance });
  }

  async #join(connection: ChatConnection, { key, name }: ClientMessage & { type: "join" }) {
    const you = await personId(this.room, key);
    connection.setState({ id: you, name });
    const people = this.#people();
    send(connection, { type: "welcome", you, people, history: this.#history.all() });
    this.#tellWhoIsHere([connection.id]);
  }

  #rename(connection: ChatConnection, { name }: ClientMessage & { type: "rename" }): void {
    if (!connection.state || connection.state.name === name) return;
    connection.setState({ ...connection.state, name });
    this.#tellWhoIsHere();
  }

  #say(connection: ChatConnection, { id, text }: ClientMessage & { type: "say" }): void {
    if (!connection.state) return;
    // A client that lost its connection says again what it has not heard itself say.
    const known = this.#history.find(id);
    if (known) return send(connection, { type: "said", message: known });
    const { id: person, name } = connection.state;
    const message = { id, person, name, text, atMs: Date.now() };
    this.#history.add(message);
    this.broadcast(JSON.stringify({ type: "said", message } satisfies ServerMessage));
  }

  #tellWhoIsHere(exclude: readonly string[] = []): void {
    const people = this.#people();
    this.broadcast(JSON.stringify({ type: "people", people } satisfies ServerMessage), exclude);
  }

  /** Everyone who has joined, each once, by name. */
  #people(): Person[] {
    const joined = this.getConnections<Person>().flatMap(({ state }) => (state ? [state] : []));
    const people = new Map(joined.map((person) => [person.id, person]));
    return [...people.values()].toSorted((a, b) => a.name.localeCompare(b.name));
  }
}

function send(connection: ChatConnection, message: ServerMessage): void {
  connection.send(JSON.stringify(message));
}
