import { DurableObject } from "cloudflare:workers";
import { countLife } from "./lives.ts";
import { countRows } from "./rows.ts";

/** One more than are kept, as ours has it. */
const EVENT_SLOTS = 1_001;

/** As many results of each client as ours has. */
const RESULT_SLOTS = 64;

/** A call, as one would write it by hand. */
interface Call {
  readonly client: string;
  readonly id: number;
  readonly name: string;
  readonly input: { readonly a: number; readonly b: number };
}

/** The limit of delivery: a hibernating room that writes before it sends, with no library. */
export class HandWrittenDurable extends DurableObject {
  readonly #sql: SqlStorage;
  #head: number;

  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env);
    countLife();
    this.#sql = ctx.storage.sql;
    this.#sql.exec(`
      CREATE TABLE IF NOT EXISTS events (slot INTEGER PRIMARY KEY, offset INTEGER, text TEXT);
      CREATE TABLE IF NOT EXISTS results (client TEXT, slot INTEGER, id INTEGER, result TEXT,
        PRIMARY KEY (client, slot)) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS sums (sum INTEGER)`);
    const { head } = this.#sql
      .exec<{ head: number | null }>(`SELECT max(offset) AS head FROM events`)
      .one();
    this.#head = head ?? 0;
  }

  override fetch(request: Request): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    const after = new URL(request.url).searchParams.get("after");
    if (after !== null) this.#sendAfter(server, Number(after));
    return new Response(null, { status: 101, webSocket: client });
  }

  override webSocketMessage(from: WebSocket, message: string): void {
    if (message.startsWith("{")) return from.send(this.#answer(JSON.parse(message) as Call));
    this.#head += 1;
    this.#sql.exec(
      `INSERT OR REPLACE INTO events VALUES (?, ?, ?)`,
      this.#head % EVENT_SLOTS,
      this.#head,
      message,
    );
    const event = `${this.#head} ${message}`;
    for (const socket of this.ctx.getWebSockets()) socket.send(event);
  }

  override webSocketClose(socket: WebSocket, code: number, reason: string): void {
    socket.close(code === 1005 ? 1000 : code, reason);
  }

  #answer(call: Call): string {
    switch (call.name) {
      case "add":
        return this.ctx.storage.transactionSync(() => this.#add(call));
      case "add-unless-done":
        return this.ctx.storage.transactionSync(() => this.#find(call) ?? this.#add(call));
      default:
        return JSON.stringify({ id: call.id, error: "unknown call" });
    }
  }

  #find({ client, id }: Call): string | undefined {
    const slot = id % RESULT_SLOTS;
    const [row] = this.#sql
      .exec<{ id: number; result: string }>(
        `SELECT id, result FROM results WHERE client = ? AND slot = ?`,
        client,
        slot,
      )
      .toArray();
    return row?.id === id ? row.result : undefined;
  }

  #add({ client, id, input }: Call): string {
    const sum = input.a + input.b;
    this.#sql.exec(`INSERT INTO sums VALUES (?)`, sum);
    const result = JSON.stringify({ id, output: { sum } });
    const slot = id % RESULT_SLOTS;
    this.#sql.exec(`INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?)`, client, slot, id, result);
    return result;
  }

  /** The ring may begin in the middle of its rows. */
  #sendAfter(socket: WebSocket, last: number): void {
    if (last >= this.#head) return;
    const [low, high] = [(last + 1) % EVENT_SLOTS, this.#head % EVENT_SLOTS];
    const where = low <= high ? `slot >= ? AND slot <= ?` : `slot >= ? OR slot <= ?`;
    const rows = this.#sql.exec<{ offset: number; text: string }>(
      `SELECT offset, text FROM events WHERE ${where} ORDER BY offset`,
      low,
      high,
    );
    for (const { offset, text } of rows) socket.send(`${offset} ${text}`);
  }
}

/** The same, with its written rows counted. */
export class HandWrittenCounted extends HandWrittenDurable {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env);
    countRows(ctx.storage.sql);
  }
}
