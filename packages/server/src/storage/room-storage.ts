import { isThenable } from "@partyflare/shared/internal";
import type { Turn } from "../turn";
import { type Epoch, Metadata, newEpoch } from "./metadata";

/** A table of the library. */
export interface Table {
  /** `partyflare_…`, so that no table of the app has the name. */
  readonly name: string;
  /** Incremented when the columns change. */
  readonly version: number;
  /** Creates the table and its first rows. */
  readonly create: (sql: SqlStorage) => void;
  /** Migrates a table from an earlier version. */
  readonly migrate?: (sql: SqlStorage, from: number) => void;
}

/** The result of a transaction that has done nothing, because the epoch has changed. */
const ANOTHER_EPOCH = Symbol();

/** A listener for changes that make cached data wrong. */
export interface StorageListener {
  /** A transaction was rolled back, or one nested in it: see `RoomStorage.transactionNumber`. */
  onRollback(transactionNumber: number): void;
  /** The storage was wiped, and a new epoch has begun. */
  onWiped(): void;
}

/**
 * The library's part of a room's storage: its epoch, its tables, and transactions that delay sends
 * until the commit. It writes nothing before the first table is used.
 */
export class RoomStorage {
  readonly #storage: DurableObjectStorage;
  readonly #turn: Turn;
  readonly #listener: StorageListener;
  readonly #metadata: Metadata;
  /** Tables that exist for as long as the epoch lasts. */
  readonly #ready = new Set<string>();
  /** Tables whose creation may still be rolled back. */
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
   * Checks that the class has SQLite, for a capability with tables.
   *
   * @throws TypeError that names the fix.
   */
  checkSqlite(): void {
    this.#isUsed = true;
    try {
      this.sql.exec(`SELECT 1`);
    } catch (cause) {
      const remedy = "List its class in `new_sqlite_classes` of a migration, not in `new_classes`.";
      const needs = "history(), calls with `once` and timed capabilities need SQLite.";
      throw new TypeError(`${needs} ${remedy}`, { cause });
    }
  }

  /** The SQL interface, for tables that are open for the current unit of work. */
  get sql(): SqlStorage {
    return this.#storage.sql;
  }

  /**
   * Opens a table, and creates it if needed. Call it once for each unit of work, since the app may
   * have wiped the storage. A new epoch begins then, and the listeners run before it returns. Reads
   * one row.
   */
  open(table: Table): void {
    this.#look();
    this.#openKnown(table);
  }

  /** Whether a table exists. It writes nothing, and reads no row. */
  has({ name }: Table): boolean {
    return this.#hasTable(name);
  }

  /** Whether the storage is empty because the app has wiped it. */
  get isEmpty(): boolean {
    return this.#metadata.epoch() === undefined;
  }

  /** Delays a step until the running transaction commits. See `Turn.afterCommit`. */
  afterCommit(run: () => void, drop?: () => void): void {
    this.#turn.afterCommit(run, drop);
  }

  /**
   * Runs a function when current writes can no longer be rolled back by a transaction of the app,
   * synchronous or async.
   */
  whenKept(run: () => void): void {
    this.#turn.later(run, 0);
  }

  /**
   * Checks for a wipe, and returns the epoch. Compare epochs to tell whether the storage is the
   * same.
   */
  look(): Epoch {
    this.#look();
    return this.epoch;
  }

  /** The epoch at the last check. */
  get epoch(): Epoch {
    if (!this.#epoch) this.#look();
    return this.#epoch ?? this.#begin();
  }

  /** Texts by name, for data of a table besides its rows. */
  get metadata(): Pick<Metadata, "get" | "set"> {
    return this.#metadata;
  }

  /**
   * The number of the outermost running transaction, which nested ones share. Undefined outside of
   * one.
   */
  get transactionNumber(): number | undefined {
    return this.#turn.isInTransaction ? this.#transactions : undefined;
  }

  /**
   * Runs a function whose writes are all kept, or none if it throws. Its messages are sent after
   * the commit.
   *
   * @param table a table that it uses, opened first.
   * @throws TypeError if the function is async: code after its first `await` would run outside of
   *   the transaction.
   */
  transaction<Result>(run: () => Result, table?: Table): Result {
    if (Object.prototype.toString.call(run) === "[object AsyncFunction]") throw notSynchronous();
    const isOutermost = !this.#turn.isInTransaction;
    if (isOutermost) this.#transactions += 1;
    const looks = isOutermost && this.#isUsed;
    // Within the transaction: outside, SQLite takes several times as long for the check.
    const begin = () => {
      if (looks && !this.#isAsKnown()) return ANOTHER_EPOCH;
      if (table) this.#openKnown(table);
      return synchronous(run());
    };
    const result = this.#attempt(begin);
    if (result !== ANOTHER_EPOCH) return result;
    // Outside: a rollback would undo it, and listeners would run twice.
    this.#look();
    return this.#attempt(begin) as Result;
  }

  #attempt<Result>(run: () => Result): Result {
    return this.#turn.transaction(() => {
      try {
        return this.#storage.transactionSync(run);
      } catch (error) {
        // Before the steps that also follow a rollback: they read the state after it.
        this.#ready.clear();
        this.#listener.onRollback(this.#transactions);
        throw error;
      }
    });
  }

  #isAsKnown(): boolean {
    return this.#epoch !== undefined && this.#metadata.epoch()?.id === this.#epoch.id;
  }

  /** Checks for a wipe and handles it. No other code does. */
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

  /** Undefined if the table does not exist. A table of version 1 has no row for its version. */
  #versionOf(name: string): number | undefined {
    if (!this.#hasTable(name)) return undefined;
    return Number(this.#metadata.get(versionSetting(name)) ?? 1);
  }

  /** Not from `sqlite_master`: a query reads all of it, with the tables of the app. */
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
  // The transaction is rolled back, and nothing awaits the rest of the function.
  Promise.resolve(result).catch(() => {});
  throw notSynchronous();
}

function notSynchronous(): TypeError {
  return new TypeError(
    "A transaction is synchronous: everything after an `await` would be outside of it. " +
      "Await first, and write in a synchronous function.",
  );
}
