import { DurableObject } from "cloudflare:workers";
import { countLife } from "./lives.ts";
import { answerOf, idsAskedFor, namesAskedFor, tagsAskedFor } from "./messages.ts";
import { idOf, tagsOf } from "./visitor.ts";

/** The limit: as little as a hibernating room can do, with no library. */
export class HandWritten extends DurableObject {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env);
    countLife();
  }

  override fetch(request: Request): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    const tags = tagsOf(request);
    // The platform finds a socket by its tags alone, so its id is one of them.
    if (tags.length > 0) this.ctx.acceptWebSocket(server, [idOf(request), ...tags]);
    else this.ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });
  }

  override webSocketMessage(from: WebSocket, message: string): void {
    switch (message.charAt(0)) {
      case "e":
        return from.send(message);
      case "m":
        for (const socket of this.ctx.getWebSockets()) if (socket !== from) socket.send(message);
        return;
      case "i":
        return from.send(String(this.#findIds(message)));
      case "t":
        return from.send(String(this.#findTags(message)));
      case "n":
        return from.send(String(namesAskedFor(message)));
      case "{":
        return from.send(answerOf(message));
      case "[":
        return void JSON.parse(message);
      default:
        for (const socket of this.ctx.getWebSockets()) socket.send(message);
    }
  }

  override webSocketClose(socket: WebSocket, code: number, reason: string): void {
    socket.close(code === 1005 ? 1000 : code, reason);
  }

  #findIds(message: string): number {
    let found = 0;
    for (const id of idsAskedFor(message)) found += this.ctx.getWebSockets(id).length;
    return found;
  }

  #findTags(message: string): number {
    let found = 0;
    for (const tag of tagsAskedFor(message)) found += this.ctx.getWebSockets(tag).length;
    return found;
  }
}

/** The same, with its sockets in a set of its own instead of asking the platform each time. */
export class HandWrittenCached extends DurableObject {
  readonly #sockets: Set<WebSocket>;

  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env);
    countLife();
    this.#sockets = new Set(ctx.getWebSockets());
  }

  override fetch(): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    this.#sockets.add(server);
    return new Response(null, { status: 101, webSocket: client });
  }

  override webSocketMessage(from: WebSocket, message: string): void {
    switch (message.charAt(0)) {
      case "e":
        return from.send(message);
      case "m":
        for (const socket of this.#sockets) if (socket !== from) socket.send(message);
        return;
      default:
        for (const socket of this.#sockets) socket.send(message);
    }
  }

  override webSocketClose(socket: WebSocket, code: number, reason: string): void {
    this.#sockets.delete(socket);
    socket.close(code === 1005 ? 1000 : code, reason);
  }
}
