import type { RoomConnection } from "../connections/room-connection";

/** The connections that get an event. An option that is left out does not narrow them. */
export interface Audience<Tag extends string = string> {
  /** Ids of the connections that do not get it. */
  except?: readonly string[];
  /** Only connections that carry all of these tags. */
  tags?: readonly Tag[];
  /**
   * Only the connections with these ids. Any client can take a free id. A durable event goes to the
   * clients that have these ids now; they also get it after they reconnect.
   */
  to?: readonly string[];
  /**
   * Only these clients, by `connection.client`. Clients that are offline get a durable event later.
   */
  clients?: readonly string[];
}

/** Options of `emit`: the audience, and which queued events a newer one replaces. */
export interface EmitOptions<Tag extends string = string> extends Audience<Tag> {
  /**
   * A key for replaceable events, for example the id of a cursor. A newer event replaces a queued
   * one that has the same name and the same key. Events are queued within a `batch` window, or
   * while a reader is slow. It has no effect in a room with `batch: false`.
   */
  latestBy?: string;
}

/** An audience as it is stored. It names clients, since any client may take a free id. */
export interface StoredAudience {
  readonly clients?: readonly string[];
  readonly tags?: readonly string[];
  /** A client and the id of its connection; null for an id that no connection had. */
  readonly except?: readonly (readonly [client: string | null, id: string])[];
}

/** The lookup of open connections. */
export interface Directory {
  all(): Iterable<RoomConnection>;
  get(id: string): RoomConnection | undefined;
  ofClient(client: string): Iterable<RoomConnection>;
  withTags(tags: readonly string[]): readonly RoomConnection[];
}

const LISTS = ["except", "tags", "to", "clients"] as const;

/**
 * Checks the options of `emit`. An option that is set to undefined would send to all.
 *
 * @throws TypeError if an option is undefined, unknown, or of the wrong type.
 */
export function checkEmitOptions(options: EmitOptions): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new TypeError("emit(): the third argument is an object with the audience.");
  }
  for (const [option, value] of Object.entries(options) as [string, unknown][]) {
    // An undefined key replaces nothing.
    if (option === "latestBy" && (value === undefined || typeof value === "string")) continue;
    if (option === "latestBy")
      throw new TypeError(`emit(): latestBy is text, not ${typeof value}.`);
    if (!isListName(option)) {
      throw new TypeError(
        `emit(): unknown option ${option}. The options are ${LISTS.join(", ")}, latestBy.`,
      );
    }
    if (!isTextList(value)) {
      const given = Array.isArray(value) ? "one with other items" : typeof value;
      throw new TypeError(`emit(): ${option} is an array of strings, not ${given}.`);
    }
  }
}

/**
 * Checks the data of an event that came without options.
 *
 * @throws TypeError if the data looks like an audience: the event would be sent to all.
 */
export function checkIsData(data: unknown): void {
  if (typeof data !== "object" || data === null) return;
  const entries = Object.entries(data);
  if (entries.length === 0) return;
  const isMeant = (value: unknown) => value === undefined || isTextList(value);
  if (!entries.every(([name, value]) => isListName(name) && isMeant(value))) return;
  throw new TypeError(
    "emit(): the second argument is the event's data, and looks like an audience. Write " +
      "emit(event, undefined, audience), or emit(event, data, {}) where it is data.",
  );
}

/** Returns the open connections of an audience. */
export function audienceOf(
  directory: Directory,
  { except = [], tags = [], to, clients }: Audience,
): Iterable<RoomConnection> {
  const chosen = chosenFrom(directory, { tags, to, clients });
  if (except.length === 0) return chosen;
  const excluded = new Set(except);
  return [...chosen].filter(({ id }) => !excluded.has(id));
}

/** Returns the audience with its ids replaced by the clients that have them now. */
export function storedAudienceOf(
  directory: Pick<Directory, "get">,
  { except = [], tags = [], to, clients }: Audience,
): StoredAudience {
  const named = to?.flatMap((id) => directory.get(id)?.client ?? []);
  const chosen = named && clients ? named.filter((each) => clients.includes(each)) : named;
  const excluded = except.map((id) => [directory.get(id)?.client ?? null, id] as const);
  return {
    ...((chosen ?? clients) && { clients: [...new Set(chosen ?? clients)] }),
    ...(tags.length > 0 && { tags }),
    ...(excluded.length > 0 && { except: excluded }),
  };
}

/** Whether a connection belongs to a stored audience, by its current tags. */
export function isInAudience(
  { id, client, tags: carried }: Pick<RoomConnection, "client" | "id" | "tags">,
  { clients, tags = [], except = [] }: StoredAudience,
): boolean {
  if (clients && !clients.includes(client)) return false;
  const isExcluded = except.some(
    ([excluded, itsId]) => itsId === id && (excluded === null || excluded === client),
  );
  if (isExcluded) return false;
  return tags.every((tag) => carried.includes(tag));
}

function chosenFrom(directory: Directory, { tags = [], to, clients }: Audience) {
  if (!to && !clients) return tags.length > 0 ? directory.withTags(tags) : directory.all();
  const named = to
    ? [...new Set(to)].flatMap((id) => directory.get(id) ?? [])
    : [...new Set(clients)].flatMap((client) => [...directory.ofClient(client)]);
  return named.filter(
    (connection) =>
      (!clients || clients.includes(connection.client)) &&
      tags.every((tag) => connection.tags.includes(tag)),
  );
}

function isListName(name: string): name is (typeof LISTS)[number] {
  return LISTS.some((list) => list === name);
}

function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
