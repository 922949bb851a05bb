/** The part of the log that is stored, as JSON. */
export interface StoredLog {
  /** Deletions up to this version may be forgotten. */
  readonly horizon: number;
  /** For each run of the room that has changed the value: its first version, and its tag. */
  readonly runs: readonly (readonly [from: number, tag: string])[];
  /** The option `schemaVersion` with which the value was stored. */
  readonly schemaVersion: number;
}

/** The most runs that are remembered. A client from before them gets the whole value. */
const MAX_RUNS = 32;

/** A run's tag, a dot and a version. A number of 15 digits is exact. */
const POSITION = /^([\w-]{1,32})\.(\d{1,15})$/;

/**
 * Tells whether a client's position is in this room's past. A version alone does not: the storage
 * may have been restored to an earlier time, and then have changed in another way. So each run of
 * the room that changes the value has a random tag.
 */
export class PositionLog {
  #stored: StoredLog;
  readonly #tag: string;

  /** @param tag that of this run. */
  constructor(stored: StoredLog, tag: string) {
    this.#stored = stored;
    this.#tag = tag;
  }

  /** Returns a log that later changes of this one leave alone. */
  copy(): PositionLog {
    return new PositionLog(this.#stored, this.#tag);
  }

  get stored(): StoredLog {
    return this.#stored;
  }

  /** The tag of the run that made a version; empty if there is none. */
  runOf(version: number): string {
    return this.#stored.runs.findLast(([from]) => from <= version)?.[1] ?? "";
  }

  /** Returns the version of a client's position, if only later changes have to be sent to it. */
  versionOf(position: string, newest: number): number | undefined {
    const [, run, digits] = POSITION.exec(position) ?? [];
    const version = Number(digits);
    const isKnown = version >= this.#stored.horizon && version <= newest;
    return isKnown && this.runOf(version) === run ? version : undefined;
  }

  /**
   * A version is about to be stored.
   *
   * @param change what else changes in the log.
   * @returns whether the log has changed.
   */
  begin(version: number, change: Partial<StoredLog> = {}): boolean {
    const { horizon, schemaVersion, runs } = this.#stored;
    const next = { horizon, schemaVersion, ...change };
    // Whether this run has changed the value before.
    const hasBegun = runs.at(-1)?.[1] === this.#tag;
    if (hasBegun && next.horizon === horizon && next.schemaVersion === schemaVersion) return false;
    this.#stored = {
      ...next,
      runs: hasBegun ? runs : [...runs, [version, this.#tag] as const].slice(-MAX_RUNS),
    };
    return true;
  }
}
