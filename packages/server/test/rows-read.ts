import { runInDurableObject } from "cloudflare:test";
import { onTestFinished } from "vitest";

/** Rows of SQLite that statements have read and written. */
export interface RowsRead {
  readonly rows: number;
  readonly written: number;
  readonly statements: readonly string[];
}

/**
 * Counts the rows that every room of this test file uses from now on, as the platform bills them.
 * The statements are watched at their prototype: a room that wakes has a new storage.
 *
 * @param stub any room, since only a room has a storage.
 * @returns what was used since the last time it was asked.
 */
export async function watchRows(stub: DurableObjectStub): Promise<() => RowsRead> {
  const prototype = await runInDurableObject(
    stub,
    (_party, { storage }) => Object.getPrototypeOf(storage.sql) as SqlStorage,
  );
  const { exec } = prototype;
  let rows = 0;
  let written = 0;
  let statements: string[] = [];
  prototype.exec = function watchedExec(this: SqlStorage, query: string, ...values: unknown[]) {
    const cursor = exec.call(this, query, ...values);
    // When the running stack has read what it wants. Later, the cursor may be another life's.
    queueMicrotask(() => {
      rows += cursor.rowsRead;
      written += cursor.rowsWritten;
      statements.push(`${cursor.rowsRead}: ${query}`);
    });
    return cursor;
  } as SqlStorage["exec"];
  onTestFinished(() => void (prototype.exec = exec));
  return () => {
    const read = { rows, written, statements };
    rows = 0;
    written = 0;
    statements = [];
    return read;
  };
}
