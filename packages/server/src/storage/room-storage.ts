import { isThenable } from "@partyflare/shared/internal";
import type { Turn } from "../turn";
import { type Epoch, Metadata, newEpoch } from "./metadata";

/** A table of the library's own. */
export interface Table {
  /** `partyflare_…`, so that it is never one of the app's. */
  readonly name: string;
  /** Raised when its columns change. */
  readonly version: number;
  /** Creates it, and whatever it begins with. */
  readonly create: (sql: SqlStorage) => void;
  /** Brings a table of an earlier version to this one. */
  readonly migrate?: (sql: SqlStorage, from: number) => void;
}

/** Of a transaction in which nothing was done yet. */
const ANOTHER_EPOCH = Symbol();

/** Hears of what makes memory of the storage wrong. */
export interface StorageListener {
  /** A transaction was rolled back, or one that it holds: see `RoomStorage.transactionNumber`. */
  onRollback(transactionNumber: number): void;
  /** The storage is empty, and another epoch has begun. */
  onWiped(): void;
}

/**
 * The one owner of the library's part of a room's storage: its epoch, its tables, and transactions
 * together with what they send. It writes nothing before the first table is used.
 */
export class RoomStorage {
  readonly #storage: DurableObjectStorage;
  readonly #turn: Turn;
  readonly #listener: StorageListener;
  readonly #metadata: Metadata;
  /** The tables that are there for as long as the epoch lasts. */
  readonly #ready = new Set<string>();
  /** Those that may yet be rolled back. */
  readonly #unsure = new Set<string>();
  #epoch: Epoch | undefined;
  #isUsed = false;
  #transactions = 0;

  constructor(storage: DurableObjectStorage, turn: Turn, listener: StorageListener) {
    this.#storage = storage;
    this.#turn = turn;
    this.#listener = listener;
    this.#metadata = new Metadata(storage);
  }

  /**
   * Checks that the class has SQLite, for a capability that has tables.
   *
   * @throws TypeError that names the remedy.
   */
  checkSqlite(): void {
    this.#isUsed = true;
    try {
      this.sql.exec(`SELECT 1`);
    } catch (cause) {
      const remedy = "List its class in `new_sqlite_classes` of a migration, not in `new_classes`.";
      throw new TypeError(`history() and calls with \`once\` need SQLite. ${remedy}`, { cause });
    }
  }

  /** The SQL of tables that have been opened for the piece of work at hand. */
  get sql(): SqlStorage {
    return this.#storage.sql;
  }

  /**
   * Sees to it that a table is there. Called once for each piece of work, since the app may have
   * wiped the storage since the last: then an epoch begins, and listeners have been told on return.
   * Reads one row.
   */
  open(table: Table): void {
    this.#look();
    this.#openKnown(table);
  }

  /** Whether nothing is stored here, since the app has wiped it. */
  get isEmpty(): boolean {
    return this.#metadata.epoch() === undefined;
  }

  /** Puts a step off until the running transaction is committed. See `Turn.afterCommit`. */
  afterCommit(run: () => void, drop?: () => void): void {
    this.#turn.afterCommit(run, drop);
  }

  /**
   * Runs a function when the app can no longer roll back what is written now, by a transaction of
   * its own, synchronous or not.
   */
  whenKept(run: () => void): void {
    this.#turn.later(run, 0);
  }

  /**
   * What tells this storage from any other, and from itself before it was wiped: after a look
   * whether it still is the same.
   */
  look(): Epoch {
    this.#look();
    return this.epoch;
  }

  /** The epoch, as it was at the last look. */
  get epoch(): Epoch {
    if (!this.#epoch) this.#look();
    return this.#epoch ?? this.#begin();
  }

  /** A few texts by name, for tables that need to know more than their rows. */
  get metadata(): Pick<Metadata, "get" | "set"> {
    return this.#metadata;
  }

  /** The number of the outermost transaction that runs; those in it share it. Undefined outside. */
  get transactionNumber(): number | undefined {
    return this.#turn.isInTransaction ? this.#transactions : undefined;
  }

  /**
   * Runs a function whose writes are all kept, or none if it throws. What it sends leaves when they
   * are kept.
   *
   * @param table one that it uses. It is open from the start.
   * @throws TypeError for a function that is asynchronous: what comes after its first `await` would
   *   be outside of the transaction.
   */
  transaction<Result>(run: () => Result, table?: Table): Result {
    if (Object.prototype.toString.call(run) === "[object AsyncFunction]") throw notSynchronous();
    const isOutermost = !this.#turn.isInTransaction;
    if (isOutermost) this.#transactions += 1;
    const looks = isOutermost && this.#isUsed;
    // Within: a look outside of a transaction takes SQLite several times as long.
    const begin = () => {
      if (looks && !this.#isAsKnown()) return ANOTHER_EPOCH;
      if (table) this.#openKnown(table);
      return synchronous(run());
    };
    const result = this.#attempt(begin);
    if (result !== ANOTHER_EPOCH) return result;
    // Not within: it would be rolled back with the rest, and announced twice.
    this.#look();
    return this.#attempt(begin) as Result;
  }

  #attempt<Result>(run: () => Result): Result {
    return this.#turn.transaction(() => {
      try {
        return this.#storage.transactionSync(run);
      } catch (error) {
        // Before the steps that also follow a rollback: they tell what is true after it.
        this.#ready.clear();
        this.#listener.onRollback(this.#transactions);
        throw error;
      }
    });
  }

  #isAsKnown(): boolean {
    return this.#epoch !== undefined && this.#metadata.epoch()?.id === this.#epoch.id;
  }

  /** The one place that notices a wipe. */
  #look(): void {
    const epoch = this.#metadata.epoch();
    if (epoch === undefined) this.#begin();
    else if (this.#epoch === undefined) this.#epoch = epoch;
    else if (this.#epoch.id !== epoch.id) this.#adopt(epoch);
  }

  #begin(): Epoch {
    this.#metadata.create();
    const epoch = newEpoch();
    this.#metadata.set("epoch", `${epoch.id}.${epoch.tag}`);
    return this.#adopt(epoch);
  }

  #adopt(epoch: Epoch): Epoch {
    this.#epoch = epoch;
    this.#ready.clear();
    this.#listener.onWiped();
    return epoch;
  }

  #openKnown(table: Table): void {
    if (!this.#ready.has(table.name)) this.#prepare(table);
  }

  #prepare({ name, version, create, migrate }: Table): void {
    const found = this.#versionOf(name);
    if (found === undefined) create(this.sql);
    else if (found < version) migrate?.(this.sql, found);
    if ((found ?? 1) < version) this.#metadata.set(versionSetting(name), String(version));
    if (this.#unsure.has(name)) return;
    this.#unsure.add(name);
    this.whenKept(() => {
      this.#unsure.delete(name);
      if ((this.#versionOf(name) ?? 0) >= version) this.#ready.add(name);
    });
  }

  /** Undefined where there is no such table. One of version 1 needs no row that tells so. */
  #versionOf(name: string): number | undefined {
    if (!this.#hasTable(name)) return undefined;
    return Number(this.#metadata.get(versionSetting(name)) ?? 1);
  }

  /** Not from `sqlite_master`, which is read as a whole, the app's own tables included. */
  #hasTable(name: string): boolean {
    try {
      this.sql.exec(`SELECT 1 FROM ${name} LIMIT 0`);
      return true;
    } catch {
      return false;
    }
  }
}

function versionSetting(table: string): string {
  return `version of ${table}`;
}

function synchronous<Result>(result: Result): Result {
  if (!isThenable(result)) return result;
  // The transaction is rolled back, and nobody waits for what is left of the function.
  Promise.resolve(result).catch(() => {});
  throw notSynchronous();
}

function notSynchronous(): TypeError {
  return new TypeError(
    "A transaction is synchronous: everything after an `await` would be outside of it. " +
      "Await first, and write in a synchronous function.",
  );
}
