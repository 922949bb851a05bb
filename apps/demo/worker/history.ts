import type { ChatMessage } from "../contract";

/** How many messages a room remembers. */
const HISTORY_LENGTH = 100;

type MessageRow = {
  id: string;
  person: string;
  name: string;
  text: string;
  at_ms: number;
};

/**
 * The room's last messages, in its SQLite.
 *
 * A ring: message 101 overwrites message 1. A row that is overwritten costs one row written, where
 * a log would cost two, one to insert and one to delete.
 */
export class History {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(`
      CREATE TABLE IF NOT EXISTS messages (
        slot INTEGER PRIMARY KEY,
        number INTEGER NOT NULL,
        id TEXT NOT NULL,
        person TEXT NOT NULL,
        name TEXT NOT NULL,
        text TEXT NOT NULL,
        at_ms INTEGER NOT NULL
      )`);
  }

  /** The message with this id, if it is still remembered. */
  find(id: string): ChatMessage | undefined {
    const rows = this.#sql.exec<MessageRow>("SELECT * FROM messages WHERE id = ?", id).toArray();
    return rows.map(toMessage)[0];
  }

  /** Remembers a message; the oldest is forgotten when there are more than `HISTORY_LENGTH`. */
  add({ id, person, name, text, atMs }: ChatMessage): void {
    const { number } = this.#sql
      .exec<{ number: number }>("SELECT coalesce(max(number), 0) + 1 AS number FROM messages")
      .one();
    this.#sql.exec(
      "INSERT OR REPLACE INTO messages VALUES (?, ?, ?, ?, ?, ?, ?)",
      number % HISTORY_LENGTH,
      number,
      id,
      person,
      name,
      text,
      atMs,
    );
  }

  /** All that is remembered, oldest first. */
  all(): ChatMessage[] {
    return this.#sql
      .exec<MessageRow>("SELECT * FROM messages ORDER BY number")
      .toArray()
      .map(toMessage);
  }
}

function toMessage({ id, person, name, text, at_ms: atMs }: MessageRow): ChatMessage {
  return { id, person, name, text, atMs };
}
