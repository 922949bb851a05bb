import { DurableObject } from "cloudflare:workers";
import { type Connection, Server, type WSMessage } from "partyserver";
import { Party, type PartyOptions } from "partyflare";
import { plain } from "../contracts.ts";
import type { Env } from "../env.ts";
import { countLife } from "../lives.ts";
import { meter, meterMessage } from "./meter.ts";

/** Cursors of ours, with the defaults. */
export class Cursors extends Party.for(plain)<Env> {
  static override options: PartyOptions = { hibernate: true };

  readonly on = this.handle({
    say: (_from, text) => this.emit("say", text),
    echo: (from, text) => from.emit("echo", text),
    move: (from, move) => this.emit("move", move, { except: [from.id] }),
    point: () => {},
    add: (_from, { a, b }) => ({ sum: a + b }),
  });

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    countLife();
    meter(this, ctx);
  }
}

/** The same on partyserver. */
export class PartyServerCursors extends Server<Env> {
  static override options = { hibernate: true };

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    countLife();
    meter(this, ctx);
  }

  override onMessage(connection: Connection, message: WSMessage): void {
    this.broadcast(message, [connection.id]);
  }
}

/** What one writes first: sockets in memory, and pings that the room answers. */
export class NaiveCursors extends DurableObject {
  readonly #sockets = new Set<WebSocket>();

  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env);
    countLife();
    meter(this, ctx);
  }

  override fetch(): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    server.accept();
    this.#sockets.add(server);
    server.addEventListener("message", ({ data }) => this.#hear(server, data as string));
    server.addEventListener("close", () => {
      this.#sockets.delete(server);
      server.close();
    });
    return new Response(null, { status: 101, webSocket: client });
  }

  #hear(from: WebSocket, message: string): void {
    meterMessage();
    if (message === "ping") return from.send("pong");
    for (const socket of this.#sockets) if (socket !== from) socket.send(message);
  }
}
