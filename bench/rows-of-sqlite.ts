/** Rows of SQLite, as the platform bills them. */
export interface Rows {
  readonly read: number;
  readonly written: number;
}
