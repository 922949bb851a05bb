import { env } from "cloudflare:workers";
import { type ConnectionOf, history, Party } from "partyflare";
import { stopClock } from "./clock.ts";
import { posts } from "./durable-contract.ts";
import type { DurableReport } from "./durable-report.ts";

/** What the runs may set of a Worker with durable rooms, from one start to the next. */
interface DurableEnv {
  /** Default: 10,000. */
  KEEP_EVENTS?: string;
  /** Default: 120,000. */
  KEEP_MS?: string;
}

/** `2` for a Worker that has been changed in all that rooms and clients need not agree on. */
const { VERSION = "1" } = env as { VERSION?: string };

/**
 * A room in which a call writes a row into a table of the app's, and emits a durable event: so that
 * what was called, written, emitted, answered and heard can be compared.
 */
class DurableRoom extends Party.for(posts)<DurableEnv> {
  readonly #keepEvents = Number(this.env.KEEP_EVENTS ?? 10_000);
  readonly history = this.use(
    history({
      events: ["posted"],
      keepEvents: this.#keepEvents,
      keepMs: Number(this.env.KEEP_MS ?? 120_000),
    }),
  );
  readonly on = this.handle({ post: (from, { number }) => this.#post(from, number) });

  /** `GET` answers with the room's report; `POST ?stopClockAtMs=` and `POST ?wipe=` do as they say. */
  override async onRequest(request: Request): Promise<Response> {
    const { searchParams } = new URL(request.url);
    const stopAtMs = searchParams.get("stopClockAtMs");
    if (stopAtMs !== null) stopClock(Number(stopAtMs));
    if (searchParams.has("wipe")) await this.ctx.storage.deleteAll();
    return request.method === "GET" ? Response.json(this.report()) : new Response("Done.");
  }

  report(): DurableReport {
    this.#prepare();
    const { head } = this.history;
    const events = this.history.read({ limit: 1_000 });
    return {
      epoch: this.#value(`SELECT value FROM partyflare_metadata WHERE name = 'epoch'`, ""),
      head,
      rows: this.#rows(`SELECT seq, client AS "by", number FROM posts ORDER BY seq`),
      history: events.map(({ offset, data }) => ({ offset, ...data })),
      storedEvents: this.#value(`SELECT count(*) AS value FROM partyflare_history`, 0),
      keepEvents: this.#keepEvents,
      mostStoredResults: this.#value(
        `SELECT count(*) AS value FROM partyflare_once
         GROUP BY client, page ORDER BY 1 DESC`,
        0,
      ),
    };
  }

  #post({ id: by }: ConnectionOf<typeof posts>, number: number): { offset: number } {
    this.#prepare();
    this.ctx.storage.sql.exec(`INSERT INTO posts (client, number) VALUES (?, ?)`, by, number);
    this.emit("posted", { by, number });
    return { offset: this.history.head };
  }

  /** Not in `onStart`: the storage may be wiped at any time. */
  #prepare(): void {
    this.ctx.storage.sql.exec(`CREATE TABLE IF NOT EXISTS posts
      (seq INTEGER PRIMARY KEY, client TEXT NOT NULL, number INTEGER NOT NULL)`);
  }

  #value<Value>(query: string, otherwise: Value): Value {
    return this.#rows<{ value: Value }>(query)[0]?.value ?? otherwise;
  }

  #rows<Row>(query: string): Row[] {
    return this.ctx.storage.sql.exec(query).toArray() as Row[];
  }
}

/** Stays in memory while anyone is connected. */
export class DurableInMemory extends DurableRoom {}

/** May sleep; but not in version 2, which joins what it sends. */
export class DurableHibernating extends DurableRoom {
  static override options = VERSION === "2" ? { batch: { windowMs: 10 } } : { hibernate: true };
}
