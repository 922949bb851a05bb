import type { Attachment } from "./connections/attachment";

/**
 * What a room does in another way, so that classes written for another library run on it. A party
 * has no dialect.
 */
export interface Dialect {
  /** Returns the id of a new connection, from the query of its URL. */
  idOf(query: URLSearchParams): string;
  /** Whether several open connections may have the same id. Otherwise the newest takes it over. */
  readonly sharesIds: boolean;
  /** Whether the messages of one connection wait for each other. */
  readonly isSerial: boolean;
  /** Runs when a connection takes over the id of an open one. */
  onTakeover(): void;
  /**
   * Takes over a socket with an attachment of the other library; undefined if it has none.
   *
   * @param platformTags the tags with which the socket was accepted.
   */
  adopt(socket: WebSocket, value: unknown, platformTags: readonly string[]): Attachment | undefined;
}
