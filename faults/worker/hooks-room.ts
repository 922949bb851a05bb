import { type ConnectionOf, type ErrorContext, history, Party } from "partyflare";
import { type HookScript, hooks, type Step } from "./hooks-contract.ts";
import type { HooksReport, JournalRow } from "./hooks-report.ts";

type HooksConnection = ConnectionOf<typeof hooks>;

/** What a room keeps whose name begins with `small`: less than it emits at once. */
const FEW_EVENTS = 8;

const LARGE_BYTES = 100_000;

/**
 * A room whose hooks and handlers do what users do: emit, close others, retag, roll back and throw.
 * It writes down what it emitted, in the transaction that emitted it, and notes user code that runs
 * in the middle of other user code.
 */
class HooksRoom extends Party.for(hooks)<{ EPOCH?: string }> {
  readonly history = this.use(
    history({
      events: ["happened"],
      keepEvents: this.ctx.id.name?.startsWith("small") ? FEW_EVENTS : 10_000,
      onJoin: 3,
    }),
  );
  readonly on = this.handle({
    poke: (from) => {
      this.#pokes += 1;
      this.#checkOpen(from);
    },
    act: (from, { label, steps }) => {
      this.#checkOpen(from);
      this.#enter(`act ${label}`, () => {
        this.#sql(`INSERT INTO acts VALUES (?)`, label);
        this.#takeAll(steps);
      });
      return null;
    },
  });
  readonly #mistakes: string[] = [];
  /** The visits that a step has closed. */
  readonly #dismissed = new Set<string>();
  #pokes = 0;
  /** The user code that runs. */
  #running: string | undefined;

  override onStart() {
    this.#sql(
      `CREATE TABLE IF NOT EXISTS journal (offset INTEGER, label TEXT, audience TEXT, who TEXT)`,
    );
    this.#sql(`CREATE TABLE IF NOT EXISTS acts (label TEXT)`);
    this.#sql(
      `CREATE TABLE IF NOT EXISTS visits (visit TEXT PRIMARY KEY, epoch INTEGER, closes INTEGER)`,
    );
  }

  override authorize(request: Request) {
    const { searchParams } = new URL(request.url);
    const script = JSON.parse(searchParams.get("script") ?? "") as HookScript;
    return { visit: crypto.randomUUID(), who: searchParams.get("who") ?? "", script };
  }

  override onConnect({ state: { visit, script } }: HooksConnection) {
    this.#enter("onConnect", () => {
      this.#sql(`INSERT INTO visits VALUES (?, ?, 0)`, visit, this.#epoch);
      this.#takeAll(script.onConnect);
    });
  }

  override onClose({ state: { visit, script } }: HooksConnection) {
    this.#enter("onClose", () => {
      const query = `UPDATE visits SET closes = closes + 1 WHERE visit = ? RETURNING closes`;
      if (this.#rows(query, visit).length === 0)
        this.#mistakes.push("onClose came before onConnect");
      this.#takeAll(script.onClose);
    });
  }

  override onInvalid(connection: HooksConnection) {
    const { script } = connection.state;
    this.#checkOpen(connection);
    this.#enter("onInvalid", () => this.#takeAll(script.onInvalid));
  }

  override onError(error: unknown, { during }: ErrorContext) {
    const isMeant = error instanceof Error && error.message === MEANT;
    this.#enter("onError", () => {
      if (!isMeant) this.#mistakes.push(`${during} failed: ${String(error)}`);
      this.#take({ do: "emit" });
    });
  }

  override onRequest(): Response {
    return Response.json(this.report());
  }

  report(): HooksReport {
    return {
      epoch: this.#epoch,
      head: this.history.head,
      journal: this.#rows<JournalRow>(`SELECT * FROM journal ORDER BY offset`),
      acts: this.#rows<{ label: string }>(`SELECT label FROM acts`).map(({ label }) => label),
      pokes: this.#pokes,
      visits: this.#rows(`SELECT * FROM visits`),
      connections: this.getConnections().map(({ id }) => id),
      mistakes: this.#mistakes,
    };
  }

  /** User code never runs in the middle of other user code. */
  #enter(what: string, run: () => void): void {
    const outer = this.#running;
    if (outer !== undefined) this.#mistakes.push(`${what} ran in the middle of ${outer}`);
    this.#running = what;
    try {
      run();
    } finally {
      this.#running = outer;
    }
  }

  #takeAll(steps: readonly Step[]): void {
    for (const step of steps) this.#take(step);
  }

  #take(step: Step): void {
    switch (step.do) {
      case "emit":
        return this.#emit("emit");
      case "emitLarge":
        return this.#emit("large", "x".repeat(LARGE_BYTES));
      case "emitTo":
        return void this.#emitTo("private", step.id);
      case "emitTagged": {
        const label = labelOf("tagged");
        this.emit("happened", { label }, { tags: [step.tag] });
        return this.#note({ label, audience: "tag", who: step.tag });
      }
      case "close":
        return this.#close(step.id);
      case "expire":
        return this.getConnection(step.id)?.expireAt(Date.now() - 1);
      case "farewell": {
        const label = this.#emitTo("farewell", step.id);
        return this.#close(step.id, label);
      }
      case "retag":
        return this.getConnection(step.id)?.setTags([step.tag]);
      case "rollBack":
        return undo(() =>
          this.transactionSync(() => {
            this.#emit("undone");
            this.#close(step.id);
            throw new Error(MEANT);
          }),
        );
      case "rollBackPlatform":
        return undo(() =>
          this.ctx.storage.transactionSync(() => {
            this.#emit("ghost");
            throw new Error(MEANT);
          }),
        );
      case "throw":
        throw new Error(MEANT);
      default:
        step satisfies never;
    }
  }

  #close(id: string, reason?: string): void {
    const connection = this.getConnection(id);
    if (connection) this.#dismissed.add(connection.state.visit);
    connection?.close(4000, reason);
  }

  /** What a connection has sent is not handled any more once the room has closed it. */
  #checkOpen({ state: { visit } }: HooksConnection): void {
    if (!this.#dismissed.has(visit)) return;
    this.#mistakes.push("a frame was handled after the room had closed its connection");
  }

  #emit(kind: string, padding?: string): void {
    const label = labelOf(kind);
    this.emit("happened", { label, padding });
    this.#note({ label, audience: "all", who: "" });
  }

  #emitTo(kind: string, id: string): string {
    const label = labelOf(kind);
    const who = this.getConnection(id)?.state.who ?? "";
    this.emit("happened", { label }, { to: [id] });
    this.#note({ label, audience: "client", who });
    return label;
  }

  #note({ label, audience, who }: Omit<JournalRow, "offset">): void {
    this.#sql(`INSERT INTO journal VALUES (?, ?, ?, ?)`, this.history.head, label, audience, who);
  }

  get #epoch(): number {
    return Number(this.env.EPOCH ?? 0);
  }

  #sql(query: string, ...values: SqlStorageValue[]): void {
    this.ctx.storage.sql.exec(query, ...values);
  }

  #rows<Row>(query: string, ...values: SqlStorageValue[]): Row[] {
    return this.ctx.storage.sql.exec(query, ...values).toArray() as Row[];
  }
}

const MEANT = "This was meant.";

function labelOf(kind: string): string {
  return `${kind}-${crypto.randomUUID()}`;
}

function undo(transaction: () => void): void {
  try {
    transaction();
  } catch (error) {
    if (!(error instanceof Error) || error.message !== MEANT) throw error;
  }
}

/** Stays in memory while anyone is connected. */
export class HooksInMemory extends HooksRoom {}

/** May sleep while its connections stay open. */
export class HooksHibernating extends HooksRoom {
  static override options = { hibernate: true };
}
