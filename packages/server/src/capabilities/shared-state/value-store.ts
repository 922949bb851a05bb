import { isPartyError } from "@partyflare/shared";
import { MAX_SHARED_ENTRY_BYTES, mistake, randomTag } from "@partyflare/shared/internal";
import type { Host } from "../capability";
import type { Edits } from "./draft";
import { EntryTable } from "./entry-table";
import { isSame, sealed, withFieldsOf } from "./json";
import { PositionLog, type StoredLog } from "./position-log";
import { replacing, type SchemaCheck } from "./schema-check";
import { SharedValue, type Tombstone, type Write } from "./shared-value";
import { withAllRows, writesOf } from "./writes";

/** The options of a store. */
export interface StoreSettings {
  readonly initial: unknown;
  readonly persist: boolean;
  readonly maxBytes: number;
  readonly keepTombstones: number;
  readonly keepTombstonesMs: number;
  readonly schemaVersion: number;
  readonly migrate?: ((stored: unknown, fromVersion: number) => unknown) | undefined;
}

/** The value, and where it has come from. */
interface Current {
  readonly value: SharedValue;
  readonly log: PositionLog;
  /** Whether its rows are in storage. */
  readonly isStored: boolean;
}

/**
 * The shared state with its rows. The value in memory is a cache of the rows, unless it is kept in
 * memory only.
 */
export class ValueStore {
  /** Incremented by a wipe: versions from before it mean nothing. */
  lineage = 0;
  /** The version of clients from before the room slept; undefined if nothing was stored then. */
  restoredVersion: number | undefined;
  readonly #host: Host;
  readonly #schema: SchemaCheck;
  readonly #settings: StoreSettings;
  readonly #table: EntryTable | undefined;
  readonly #onLost: () => void;
  #current: Current | undefined;
  #hasStarted = false;
  /** Whether a change that cannot be rolled back has written rows. */
  #hasRows = false;
  /** The last transaction that has written rows, or read such rows. */
  #wroteIn: number | undefined;
  /** The tag of this run of the room. */
  #tag = randomTag();

  /** @param onLost called when clients may know a version that is no more. */
  constructor(host: Host, schema: SchemaCheck, settings: StoreSettings, onLost: () => void) {
    this.#host = host;
    this.#onLost = onLost;
    this.#schema = schema;
    this.#settings = settings;
    this.#table = settings.persist ? new EntryTable(host.storage) : undefined;
  }

  /**
   * Loads the value, when the room starts.
   *
   * @throws TypeError that names the path, if the schema refuses the stored or the initial value.
   */
  start(): void {
    if (this.#table) this.#host.storage.checkSqlite();
    this.look();
    this.#hasStarted = true;
  }

  /**
   * Returns the value, after a look for a wipe, and for a rollback by the platform, of which the
   * library has no notice. It reads a row.
   */
  look(): SharedValue {
    const { storage } = this.#host;
    const version = this.#current?.isStored ? this.#current.value.version : undefined;
    const isAsKnown = version === undefined ? !this.#hasRows : this.#table?.holds(version);
    if (this.#table && !isAsKnown) {
      if (storage.isEmpty) storage.look();
      else if (version !== undefined) this.#lose();
    }
    return this.value;
  }

  /** The value at the last look. A rollback makes it read the storage again. */
  get value(): SharedValue {
    return this.#known.value;
  }

  /** Deletions up to this version may be forgotten. */
  get horizon(): number {
    return this.#known.log.stored.horizon;
  }

  /** The tag of the run of the room that made the current version. */
  get run(): string {
    const { log, value } = this.#known;
    return log.runOf(value.version);
  }

  /** Returns the version of a client's position, if only later changes have to be sent to it. */
  versionOf(position: string): number | undefined {
    const { log, value } = this.#known;
    return log.versionOf(position, value.version);
  }

  /**
   * Applies changes of the value that `look` has returned. All are kept, or none.
   *
   * @returns whether there was anything to change.
   * @throws PartyError `too_large`.
   */
  commit(edits: Edits): boolean {
    const current = this.#known;
    const writes = writesOf(current.value, edits);
    if (writes.length === 0) return false;
    this.#checkSize(current.value, writes);
    if (this.#table) this.#store(this.#table, current, writes);
    else this.#hold(current, writes);
    return true;
  }

  /** A transaction was rolled back. If nothing was written in it, nothing has changed. */
  rollBack(transactionNumber: number): void {
    if (this.#table && this.#wroteIn === transactionNumber) this.#current = undefined;
  }

  /** The storage was wiped. */
  wipe(): void {
    if (this.#hasRows || this.#current?.isStored) this.#lose();
  }

  /** Rows are gone that clients may know. */
  #lose(): void {
    this.#current = undefined;
    this.#hasRows = false;
    this.#tag = randomTag();
    this.lineage += 1;
    this.#onLost();
  }

  get #known(): Current {
    return (this.#current ??= this.#load());
  }

  #load(): Current {
    const stored = this.#table?.load();
    if (!stored) return this.#begin();
    if (!this.#hasStarted) this.restoredVersion = stored.value.version;
    const log = new PositionLog(stored.log, this.#tag);
    const current = { value: stored.value, log, isStored: true };
    this.#current = current;
    this.#keepRows();
    // After a rollback, the rows are those of before, which this room has checked.
    if (this.#hasStarted) return current;
    try {
      this.#migrate(current, stored.log);
    } catch (error) {
      this.#current = undefined;
      throw error;
    }
    return this.#known;
  }

  /** There are rows, unless the running transaction is rolled back. */
  #keepRows(): void {
    const { storage } = this.#host;
    const { lineage } = this;
    this.#wroteIn = storage.transactionNumber;
    storage.afterCommit(() => (this.#hasRows ||= this.lineage === lineage));
  }

  #begin(): Current {
    const { initial, persist, schemaVersion } = this.#settings;
    const value = new SharedValue();
    this.#schema.keepsUnknown = false;
    const output = this.#checked(initial, "sharedState({ initial })", "Change one of them.");
    const whole = sealed(output, []) as object;
    this.#checkAgain(whole);
    const writes = writesOf(value, replacing(whole, value));
    this.#checkSize(value, writes);
    value.apply(writes, 0, this.#host.now());
    const log = new PositionLog({ horizon: 0, runs: [], schemaVersion }, this.#tag);
    if (!persist) log.begin(0);
    return { value, log, isStored: false };
  }

  /** Checks a stored value. Another schema or `migrate` may change it, and that is stored. */
  #migrate({ value: stored, log }: Current, { schemaVersion: from }: StoredLog): void {
    const { migrate, schemaVersion: to } = this.#settings;
    const { value } = stored;
    const isMigrated = migrate !== undefined && from < to;
    const next = isMigrated ? migrate(value, from) : value;
    const name = `The shared state that was stored with schemaVersion ${from}`;
    const remedy = isMigrated ? "Correct `migrate`." : "Raise schemaVersion, and add `migrate`.";
    const output = this.#checked(next, name, remedy);
    const kept = isMigrated ? output : this.#withUnknown(value, output);
    // Most often: the comparison costs less than new rows for all of it.
    const isChanged =
      !isSame(value, kept) && this.commit(replacing(sealed(kept, []) as object, stored));
    // Otherwise `migrate` would run again.
    if (from < to && !isChanged && log.begin(stored.version, { schemaVersion: to })) {
      this.#table?.writeLog(log.stored);
    }
  }

  /**
   * Returns a schema's output with the fields of a stored value that it drops: a newer build may have
   * stored them, and only `migrate` deletes data. If the schema refuses such a value, it is the output.
   */
  #withUnknown(stored: object, output: object): object {
    const kept = withFieldsOf(stored, output) as object;
    if (isSame(kept, output)) return output;
    try {
      this.#schema.output(kept);
    } catch {
      return output;
    }
    this.#schema.keepsUnknown = true;
    return kept;
  }

  /** Checks a value, and returns the schema's output. */
  #checked(value: unknown, name: string, remedy: string): object {
    try {
      return this.#schema.output(value);
    } catch (cause) {
      if (!isPartyError(cause) || !cause.issues) throw cause;
      const issues = cause.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
      // The remedy first: a log may cut the text.
      const text = `${remedy} ${name} does not fit the contract: ${issues.join("; ")}.`;
      throw new TypeError(text, { cause });
    }
  }

  /** The schema checks stored values, which are its output. */
  #checkAgain(output: object): void {
    const name = "The contract's `shared` does not accept its own output: it";
    const remedy = "Transform values before change().";
    if (isSame(this.#checked(output, name, remedy), output)) return;
    throw new TypeError(`The contract's \`shared\` does not accept its own output. ${remedy}`);
  }

  #checkSize(value: SharedValue, writes: readonly Write[]): void {
    const large = writes.find(({ bytes }) => bytes > MAX_SHARED_ENTRY_BYTES);
    if (large) {
      const path = large.entry === null ? large.key : `${large.key}.${large.entry}`;
      const shown = path.slice(0, MAX_SHOWN_PATH_LENGTH);
      const message = `"${shown}" of the shared state has ${large.bytes} bytes. At most ${MAX_SHARED_ENTRY_BYTES} are possible.`;
      throw mistake("too_large", { message });
    }
    const bytes = value.bytesAfter(writes);
    const { maxBytes } = this.#settings;
    if (bytes <= maxBytes || bytes <= value.bytes) return;
    const message = `The shared state would have ${bytes} bytes. At most ${maxBytes} are possible.`;
    throw mistake("too_large", { message });
  }

  /** Writes rows, and then changes the value in memory. */
  #store(table: EntryTable, { value, log, isStored }: Current, writes: readonly Write[]): void {
    const nowMs = this.#host.now();
    const version = value.version + 1;
    this.#host.storage.transaction(() => {
      if (this.#current?.value !== value) {
        throw new Error("The storage was wiped while change() was running. Nothing was changed.");
      }
      this.#keepRows();
      const pruned = this.#prunable(value, writes, nowMs);
      const hasNewLog = this.#advance(log, version, pruned);
      const all = isStored ? writes : withAllRows(value, writes);
      table.write(all, version, nowMs, log.stored, hasNewLog);
      for (const tombstone of pruned) table.prune(tombstone);
      value.apply(writes, version, nowMs);
      for (const tombstone of pruned) value.forget(tombstone);
      this.#current = { value, log, isStored: true };
    });
  }

  /** Changes the value in memory only. A rollback restores it. */
  #hold({ value, log, isStored }: Current, writes: readonly Write[]): void {
    const nowMs = this.#host.now();
    const version = value.version + 1;
    if (this.#host.storage.transactionNumber !== undefined) {
      const before = { value: value.copy(), log: log.copy(), isStored };
      // Rolled back in the order of the changes: the first one restores the value before all.
      const restore = () => {
        if (this.value.version > before.value.version) this.#current = before;
      };
      this.#host.storage.afterCommit(() => {}, restore);
    }
    const pruned = this.#prunable(value, writes, nowMs);
    this.#advance(log, version, pruned);
    value.apply(writes, version, nowMs);
    for (const tombstone of pruned) value.forget(tombstone);
  }

  #advance(log: PositionLog, version: number, pruned: readonly Tombstone[]): boolean {
    const { horizon } = log.stored;
    return log.begin(version, {
      horizon: Math.max(horizon, pruned.at(-1)?.version ?? 0),
      schemaVersion: this.#settings.schemaVersion,
    });
  }

  /** Returns the deletions to forget, oldest first. Those of these changes are not among them. */
  #prunable(value: SharedValue, writes: readonly Write[], nowMs: number): Tombstone[] {
    const { keepTombstones, keepTombstonesMs } = this.#settings;
    const added = writes.filter(({ value: written }) => written === undefined).length;
    let excess = value.tombstoneCount + added - keepTombstones;
    const pruned: Tombstone[] = [];
    for (const tombstone of value.tombstones) {
      const isOld = Math.abs(nowMs - tombstone.atMs) > keepTombstonesMs;
      if (excess <= 0 && !isOld) break;
      pruned.push(tombstone);
      excess -= 1;
    }
    return pruned;
  }
}

/** The part of a path that an error's text shows. */
const MAX_SHOWN_PATH_LENGTH = 100;
