import { type ConnectionContext, type ConnectionOf, type Message, Party } from "partyflare";
import { log } from "./contract.ts";
import type { Entry, RoomReport, Visit } from "./report.ts";

/** The bindings of the Worker under test. */
export interface Env {
  HIBERNATING: DurableObjectNamespace<HibernatingLog>;
  IN_MEMORY: DurableObjectNamespace<InMemoryLog>;
  LIMITED: DurableObjectNamespace<LimitedLog>;
  /** Counts the processes: one more after every restart. */
  EPOCH?: string;
}

type LogConnection = ConnectionOf<typeof log>;

/**
 * A room that writes down what it is sent, and who came and went, in its SQLite: so that what it
 * did can be compared with what it should have done, whatever happened to it meanwhile.
 */
class LogRoom extends Party.for(log)<Env> {
  readonly on = this.handle({
    add: (from, { number }) => void this.#add(from, number),
    addAndConfirm: (from, { number }) => ({ seq: this.#add(from, number) }),
  });

  override onStart() {
    this.#sql(`CREATE TABLE IF NOT EXISTS log
      (seq INTEGER PRIMARY KEY AUTOINCREMENT, connection TEXT NOT NULL, number INTEGER NOT NULL)`);
    this.#sql(`CREATE TABLE IF NOT EXISTS visits
      (visit TEXT PRIMARY KEY, id TEXT NOT NULL, epoch INTEGER NOT NULL, closes TEXT NOT NULL)`);
    this.#sql(`CREATE TABLE IF NOT EXISTS starts (seq INTEGER PRIMARY KEY AUTOINCREMENT)`);
    this.#sql(`INSERT INTO starts DEFAULT VALUES`);
  }

  /** As slow as is asked for: `?slowMs=`. */
  override async authorize(request: Request) {
    await scheduler.wait(Number(new URL(request.url).searchParams.get("slowMs")));
    return { visit: crypto.randomUUID() };
  }

  override onConnect({ id, state }: LogConnection, _context: ConnectionContext) {
    this.#sql(`INSERT INTO visits VALUES (?, ?, ?, '[]')`, state.visit, id, this.#epoch);
  }

  override onClose({ state }: LogConnection, code: number) {
    this.#sql(
      `UPDATE visits SET closes = json_insert(closes, '$[#]', ?) WHERE visit = ?`,
      code,
      state.visit,
    );
  }

  /** Text is a tag, which the connection carries from now on. */
  override onMessage(connection: LogConnection, message: Message) {
    if (message === "red" || message === "green" || message === "blue") {
      connection.setTags([message]);
    }
  }

  /**
   * `GET` returns the room's report. `POST ?mebibytes=` sends so much to everyone, and
   * `POST ?collect` collects garbage.
   */
  override async onRequest(request: Request): Promise<Response> {
    const { searchParams } = new URL(request.url);
    if (searchParams.has("collect")) collectGarbage();
    else if (request.method === "POST") await this.#pour(Number(searchParams.get("mebibytes")));
    return Response.json(this.report());
  }

  report(): RoomReport {
    return {
      epoch: this.#epoch,
      starts: this.#rows<{ count: number }>(`SELECT count(*) AS count FROM starts`)[0]?.count ?? 0,
      log: this.#rows<Entry>(`SELECT seq, connection AS "by", number FROM log ORDER BY seq`),
      visits: this.#rows<Omit<Visit, "closes"> & { closes: string }>(`SELECT * FROM visits`).map(
        (visit) => ({ ...visit, closes: JSON.parse(visit.closes) as number[] }),
      ),
      connections: this.getConnections().map(({ id, state, tags }) => {
        return { id, visit: state.visit, tags };
      }),
      hasBufferedAmount: "bufferedAmount" in WebSocket.prototype,
    };
  }

  get #epoch(): number {
    return Number(this.env.EPOCH ?? 0);
  }

  #add(from: LogConnection, number: number): number {
    const [row] = this.#rows<{ seq: number }>(
      `INSERT INTO log (connection, number) VALUES (?, ?) RETURNING seq`,
      from.id,
      number,
    );
    const seq = row?.seq ?? 0;
    this.emit("added", { seq, by: from.id, number });
    return seq;
  }

  /** In messages of 64 KiB, with a turn of the event loop after each, for others to be served. */
  async #pour(mebibytes: number): Promise<void> {
    const message = "x".repeat(65_536);
    for (let sent = 0; sent < mebibytes * 16; sent += 1) {
      this.broadcast(message);
      await scheduler.wait(1);
    }
  }

  #sql(query: string, ...values: SqlStorageValue[]): void {
    this.ctx.storage.sql.exec(query, ...values);
  }

  #rows<Row>(query: string, ...values: SqlStorageValue[]): Row[] {
    return this.ctx.storage.sql.exec(query, ...values).toArray() as Row[];
  }
}

/** Stays in memory while anyone is connected. */
export class InMemoryLog extends LogRoom {}

/** May sleep while its connections stay open. */
export class HibernatingLog extends LogRoom {
  static override options = { hibernate: true };
}

/** Takes 100 messages a second of each connection, and 50 at once. */
export class LimitedLog extends LogRoom {
  static override options = {
    hibernate: true,
    limits: { messagesPerSecond: 100, messageBurst: 50 },
  };
}

function collectGarbage(): void {
  const { gc } = globalThis as { gc?: () => void };
  if (!gc) throw new Error("This workerd runs without --expose-gc.");
  gc();
}
