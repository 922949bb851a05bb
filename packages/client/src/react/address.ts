import type { PartySocketOptions } from "../connection/options";

/** What decides where a connection goes, and whose it is. */
type AddressOptions = Pick<
  PartySocketOptions,
  "host" | "id" | "party" | "path" | "prefix" | "protocol" | "query" | "room"
>;

/** Equal for two renders that mean the same connection. */
export function addressOf(options: AddressOptions): string {
  const { host, party, room, path, prefix, protocol, id, query } = options;
  const parameters = typeof query === "function" ? "asked for" : query;
  return JSON.stringify([host, party, room, path, prefix, protocol, id, parameters]);
}
