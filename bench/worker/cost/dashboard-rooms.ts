import { DurableObject } from "cloudflare:workers";
import { type Connection, Server } from "partyserver";
import { type ConnectionOf, Party, type PartyOptions } from "partyflare";
import { plain } from "../contracts.ts";
import type { Env } from "../env.ts";
import { countLife } from "../lives.ts";
import { meter, meterMessage } from "./meter.ts";

const KEY = "figures";

/** A dashboard of ours: a backend posts figures, which are kept for who comes later. */
export class Dashboard extends Party.for(plain)<Env> {
  static override options: PartyOptions = { hibernate: true };

  readonly on = this.handle({
    say: () => {},
    echo: () => {},
    move: () => {},
    point: () => {},
    add: (_from, { a, b }) => ({ sum: a + b }),
  });

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    countLife();
    meter(this, ctx);
  }

  override onConnect(connection: ConnectionOf<typeof plain>): void {
    const figures = this.ctx.storage.kv.get<string>(KEY);
    if (figures !== undefined) connection.emit("say", figures);
  }

  override async onRequest(request: Request): Promise<Response> {
    const figures = await request.text();
    this.ctx.storage.kv.put(KEY, figures);
    this.emit("say", figures);
    return new Response();
  }
}

/** The same on partyserver. */
export class PartyServerDashboard extends Server<Env> {
  static override options = { hibernate: true };

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    countLife();
    meter(this, ctx);
  }

  override onConnect(connection: Connection): void {
    const figures = this.ctx.storage.kv.get<string>(KEY);
    if (figures !== undefined) connection.send(figures);
  }

  override async onRequest(request: Request): Promise<Response> {
    const figures = await request.text();
    this.ctx.storage.kv.put(KEY, figures);
    this.broadcast(figures);
    return new Response();
  }
}

/** What one writes first: sockets in memory, and pings that the room answers. */
export class NaiveDashboard extends DurableObject {
  readonly #sockets = new Set<WebSocket>();

  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env);
    countLife();
    meter(this, ctx);
  }

  override async fetch(request: Request): Promise<Response> {
    if (request.method === "POST") return this.#publish(await request.text());
    const { 0: client, 1: server } = new WebSocketPair();
    server.accept();
    this.#sockets.add(server);
    server.addEventListener("message", () => {
      meterMessage();
      server.send("pong");
    });
    server.addEventListener("close", () => {
      this.#sockets.delete(server);
      server.close();
    });
    const figures = this.ctx.storage.kv.get<string>(KEY);
    if (figures !== undefined) server.send(figures);
    return new Response(null, { status: 101, webSocket: client });
  }

  #publish(figures: string): Response {
    this.ctx.storage.kv.put(KEY, figures);
    for (const socket of this.#sockets) socket.send(figures);
    return new Response();
  }
}
