const cursors: SqlStorageCursor<Record<string, SqlStorageValue>>[] = [];

/**
 * Counts what a room writes from now on, as the platform bills it. In a room of its own: it keeps
 * every cursor, since one knows all its rows when it has come to its end.
 */
export function countRows(sql: SqlStorage): void {
  const exec = sql.exec.bind(sql);
  const counted: typeof exec = (query, ...values) => {
    const cursor = exec<Record<string, SqlStorageValue>>(query, ...values);
    cursors.push(cursor);
    return cursor as ReturnType<typeof exec<never>>;
  };
  Object.defineProperty(sql, "exec", { value: counted });
}

/** The rows that all counted rooms of this Worker have written so far. */
export function rowsWrittenSoFar(): number {
  return cursors.reduce((sum, { rowsWritten }) => sum + rowsWritten, 0);
}
