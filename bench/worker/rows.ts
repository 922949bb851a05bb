import type { Rows } from "../rows-of-sqlite.ts";

const rows = { read: 0, written: 0 };

/** Counts what a room reads and writes from now on. In a room of its own: to count takes time. */
export function countRows(sql: SqlStorage): void {
  const exec = sql.exec.bind(sql);
  const counted: typeof exec = (query, ...values) => {
    const cursor = exec<Record<string, SqlStorageValue>>(query, ...values);
    // When the running stack has read all that it wants. Later, the cursor may be of a life before.
    queueMicrotask(() => {
      rows.read += cursor.rowsRead;
      rows.written += cursor.rowsWritten;
    });
    return cursor as ReturnType<typeof exec<never>>;
  };
  Object.defineProperty(sql, "exec", { value: counted });
}

/** What all counted rooms of this Worker have read and written so far. */
export function rowsSoFar(): Rows {
  return { ...rows };
}
