import { DurableObject } from "cloudflare:workers";
import { countLife } from "./lives.ts";

/** A person, as one would write it by hand. */
interface Person {
  readonly id: string;
  readonly cursor: { readonly x: number; readonly y: number } | null;
  readonly typing: boolean;
}

/** The limit of presence: a map, the list for a newcomer, and a message to all others. */
export class HandWrittenPresent extends DurableObject {
  readonly #people = new Map<WebSocket, Person>();

  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env);
    countLife();
    for (const socket of ctx.getWebSockets()) {
      this.#people.set(socket, socket.deserializeAttachment() as Person);
    }
  }

  override fetch(request: Request): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    const id = new URL(request.url).searchParams.get("_pk") ?? "";
    const person: Person = { id, cursor: null, typing: false };
    this.ctx.acceptWebSocket(server);
    server.serializeAttachment(person);
    const joined = JSON.stringify({ joined: person });
    for (const socket of this.#people.keys()) socket.send(joined);
    this.#people.set(server, person);
    server.send(JSON.stringify({ people: [...this.#people.values()] }));
    return new Response(null, { status: 101, webSocket: client });
  }

  override webSocketClose(socket: WebSocket, code: number, reason: string): void {
    const left = JSON.stringify({ left: this.#people.get(socket)?.id });
    this.#people.delete(socket);
    for (const other of this.#people.keys()) other.send(left);
    socket.close(code === 1005 ? 1000 : code, reason);
  }
}
