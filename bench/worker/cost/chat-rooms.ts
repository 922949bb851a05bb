import { DurableObject } from "cloudflare:workers";
import { type Connection, Server, type WSMessage } from "partyserver";
import { history, Party, type PartyOptions } from "partyflare";
import { CHAT } from "../../cost/script.ts";
import { durable } from "../contracts.ts";
import type { Env } from "../env.ts";
import { countLife } from "../lives.ts";
import { meter, meterMessage } from "./meter.ts";

/** A chat of ours: the latest messages are kept, and who comes back is sent what was missed. */
export class Chat extends Party.for(durable)<Env> {
  static override options: PartyOptions = { hibernate: true };

  readonly history = this.use(history({ events: ["say"], keepEvents: CHAT.kept }));

  readonly on = this.handle({
    say: (_from, text) => this.emit("say", text),
    add: (_from, { a, b }) => ({ sum: a + b }),
  });

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    countLife();
    meter(this, ctx);
  }
}

/** The same by hand on partyserver: a row a message, of which the oldest are deleted. */
export class PartyServerChat extends Server<Env> {
  static override options = { hibernate: true };

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    countLife();
    meter(this, ctx);
  }

  override onStart(): void {
    this.ctx.storage.sql.exec(
      `CREATE TABLE IF NOT EXISTS messages (id INTEGER PRIMARY KEY, text TEXT)`,
    );
  }

  override onConnect(connection: Connection): void {
    const query = `SELECT text FROM messages ORDER BY id DESC LIMIT ?`;
    const latest = this.ctx.storage.sql.exec<{ text: string }>(query, CHAT.missed).toArray();
    for (const { text } of latest.toReversed()) connection.send(text);
  }

  override onMessage(_connection: Connection, message: WSMessage): void {
    if (typeof message !== "string") return;
    const { sql } = this.ctx.storage;
    const insert = `INSERT INTO messages (text) VALUES (?) RETURNING id`;
    const { id } = sql.exec<{ id: number }>(insert, message).one();
    sql.exec(`DELETE FROM messages WHERE id <= ?`, id - CHAT.kept);
    this.broadcast(message);
  }
}

/** What one writes first: sockets in memory, a log with an index that grows, pings that the room answers. */
export class NaiveChat extends DurableObject {
  readonly #sockets = new Set<WebSocket>();

  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env);
    countLife();
    meter(this, ctx);
    ctx.storage.sql.exec(`
      CREATE TABLE IF NOT EXISTS messages (id INTEGER PRIMARY KEY, at INTEGER, text TEXT);
      CREATE INDEX IF NOT EXISTS by_time ON messages (at)`);
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
    const query = `SELECT text FROM messages ORDER BY at DESC LIMIT ?`;
    const latest = this.ctx.storage.sql.exec<{ text: string }>(query, CHAT.missed).toArray();
    for (const { text } of latest.toReversed()) server.send(text);
    return new Response(null, { status: 101, webSocket: client });
  }

  #hear(from: WebSocket, message: string): void {
    meterMessage();
    if (message === "ping") return from.send("pong");
    const insert = `INSERT INTO messages (at, text) VALUES (?, ?)`;
    this.ctx.storage.sql.exec(insert, Date.now(), message);
    for (const socket of this.#sockets) socket.send(message);
  }
}
