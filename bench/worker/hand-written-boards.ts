import { DurableObject } from "cloudflare:workers";
import { type Board, NOTES, type Put, putsAskedFor, type Shape } from "../shared-state/board.ts";
import { countLife } from "./lives.ts";
import { countRows } from "./rows.ts";

/** The limit of shared state: an object in memory, a row and a message for each change. No checks. */
export class HandWrittenBoard extends DurableObject {
  readonly #sql: SqlStorage;
  #board: Board | undefined;

  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env);
    countLife();
    this.#sql = ctx.storage.sql;
    this.#sql.exec(
      `CREATE TABLE IF NOT EXISTS shapes (id TEXT PRIMARY KEY, json TEXT) WITHOUT ROWID`,
    );
  }

  override fetch(request: Request): Response {
    if (request.method === "POST") {
      for (const put of putsAskedFor(request)) this.#put(put);
      return new Response();
    }
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    server.send(JSON.stringify(this.#load()));
    return new Response(null, { status: 101, webSocket: client });
  }

  override webSocketMessage(_from: WebSocket, message: string): void {
    this.#put(JSON.parse(message) as Put);
    for (const socket of this.ctx.getWebSockets()) socket.send(message);
  }

  override webSocketClose(socket: WebSocket, code: number, reason: string): void {
    socket.close(code === 1005 ? 1000 : code, reason);
  }

  #put({ id, shape }: Put): void {
    this.#load().shapes[id] = shape;
    this.#sql.exec(`INSERT OR REPLACE INTO shapes VALUES (?, ?)`, id, JSON.stringify(shape));
  }

  #load(): Board {
    return (this.#board ??= { notes: NOTES, shapes: this.#read() });
  }

  #read(): Board["shapes"] {
    const shapes: Board["shapes"] = {};
    for (const { id, json } of this.#sql.exec<{ id: string; json: string }>(
      `SELECT * FROM shapes`,
    )) {
      shapes[id] = JSON.parse(json) as Shape;
    }
    return shapes;
  }
}

/** The same, with its rows counted. */
export class HandWrittenBoardCounted extends HandWrittenBoard {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env);
    countRows(ctx.storage.sql);
  }
}

/**
 * Stores and sends the whole value at each change, as `setState` of Cloudflare's Agents SDK does:
 * one row with all of it as JSON, then a message with all of it to each client.
 */
export class WholeBoard extends DurableObject {
  readonly #sql: SqlStorage;
  #board: Board | undefined;

  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env);
    countLife();
    this.#sql = ctx.storage.sql;
    this.#sql.exec(`CREATE TABLE IF NOT EXISTS states (id TEXT PRIMARY KEY, state TEXT)`);
  }

  override fetch(request: Request): Response {
    if (request.method === "POST") {
      this.#set(putsAskedFor(request));
      return new Response();
    }
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    server.send(this.#message(this.#load()));
    return new Response(null, { status: 101, webSocket: client });
  }

  override webSocketMessage(_from: WebSocket, message: string): void {
    this.#set([JSON.parse(message) as Put]);
    const state = this.#message(this.#load());
    for (const socket of this.ctx.getWebSockets()) socket.send(state);
  }

  override webSocketClose(socket: WebSocket, code: number, reason: string): void {
    socket.close(code === 1005 ? 1000 : code, reason);
  }

  /** Changes the object in place: a copy, as the SDK's users make one, would cost more. */
  #set(puts: readonly Put[]): void {
    const board = this.#load();
    for (const { id, shape } of puts) board.shapes[id] = shape;
    this.#sql.exec(`INSERT OR REPLACE INTO states VALUES ('state', ?)`, JSON.stringify(board));
  }

  #message(state: Board): string {
    return JSON.stringify({ state, type: "cf_agent_state" });
  }

  #load(): Board {
    return (this.#board ??= this.#read() ?? { notes: NOTES, shapes: {} });
  }

  #read(): Board | undefined {
    const [row] = this.#sql.exec<{ state: string }>(`SELECT state FROM states`).toArray();
    return row && (JSON.parse(row.state) as Board);
  }
}

/** The same, with its rows counted. */
export class WholeBoardCounted extends WholeBoard {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env);
    countRows(ctx.storage.sql);
  }
}
