import { type Connection, type ConnectionContext, Server, type WSMessage } from "partyserver";
import type { Env } from "./env.ts";
import { countLife } from "./lives.ts";
import { answerOf, idsAskedFor, namesAskedFor, tagsAskedFor } from "./messages.ts";
import { tagsOf } from "./visitor.ts";

/** A room of partyserver, as its README shows one, which stays in memory. */
export class PartyServerInMemory extends Server<Env> {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    countLife();
  }

  override getConnectionTags(_connection: Connection, { request }: ConnectionContext): string[] {
    return tagsOf(request);
  }

  override onMessage(connection: Connection, message: WSMessage): void {
    if (typeof message !== "string") return;
    switch (message.charAt(0)) {
      case "e":
        return connection.send(message);
      case "m":
        return this.broadcast(message, [connection.id]);
      case "i":
        return connection.send(String(this.#findIds(message)));
      case "t":
        return connection.send(String(this.#findTags(message)));
      case "n":
        return connection.send(String(namesAskedFor(message)));
      case "{":
        return connection.send(answerOf(message));
      case "[":
        return void JSON.parse(message);
      default:
        this.broadcast(message);
    }
  }

  #findIds(message: string): number {
    let found = 0;
    for (const id of idsAskedFor(message)) if (this.getConnection(id)) found += 1;
    return found;
  }

  #findTags(message: string): number {
    let found = 0;
    for (const tag of tagsAskedFor(message)) found += [...this.getConnections(tag)].length;
    return found;
  }
}

/** The same, which hibernates. */
export class PartyServerHibernating extends PartyServerInMemory {
  static override options = { hibernate: true };
}
