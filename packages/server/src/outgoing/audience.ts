import type { RoomConnection } from "../connections/room-connection";

/** Who gets an event. What is left out does not narrow it. */
export interface Audience<Tag extends string = string> {
  /** Ids of the connections that do not get it. */
  except?: readonly string[];
  /** Only connections that carry every one of these tags. */
  tags?: readonly Tag[];
  /**
   * Only the connections with these ids. An id is any client's that takes it: a durable event goes
   * to the clients that have these ids at the moment, now and when they return.
   */
  to?: readonly string[];
  /** Only these clients, by `connection.client`: those that are away get a durable event later. */
  clients?: readonly string[];
}

/** Who gets an event, and what becomes of it while it waits to be sent. */
export interface EmitOptions<Tag extends string = string> extends Audience<Tag> {
  /**
   * Whose, or of what, this is the latest: of one event with one `latestBy`, only the newest is sent
   * where several would leave in one message, or wait for a slow reader. It does nothing in a room
   * with `batch: false`.
   */
  latestBy?: string;
}

/** An audience as it is stored: it names clients, since anybody may take an id that is free. */
export interface StoredAudience {
  readonly clients?: readonly string[];
  readonly tags?: readonly string[];
  /** A client and the id of its connection; null for an id that no connection had. */
  readonly except?: readonly (readonly [client: string | null, id: string])[];
}

/** Where connections are looked up. */
export interface Directory {
  all(): Iterable<RoomConnection>;
  get(id: string): RoomConnection | undefined;
  ofClient(client: string): Iterable<RoomConnection>;
  withTags(tags: readonly string[]): readonly RoomConnection[];
}

const LISTS = ["except", "tags", "to", "clients"] as const;

/**
 * Checks what was given for an audience. An option that is given and undefined would send to all.
 *
 * @throws TypeError for an option that is undefined, that has another type, or that does not exist.
 */
export function checkEmitOptions(options: EmitOptions): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new TypeError("emit(): the third argument is an object with the audience.");
  }
  for (const [option, value] of Object.entries(options) as [string, unknown][]) {
    // Without a value, none replaces another.
    if (option === "latestBy" && (value === undefined || typeof value === "string")) continue;
    if (option === "latestBy")
      throw new TypeError(`emit(): latestBy is text, not ${typeof value}.`);
    if (!isListName(option)) {
      throw new TypeError(
        `emit(): there is no option ${option}, but ${LISTS.join(", ")}, latestBy.`,
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
 * @throws TypeError for an audience in its place: it would be sent to all.
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

/** The open connections of an audience. */
export function audienceOf(
  directory: Directory,
  { except = [], tags = [], to, clients }: Audience,
): Iterable<RoomConnection> {
  const chosen = chosenFrom(directory, { tags, to, clients });
  if (except.length === 0) return chosen;
  const excluded = new Set(except);
  return [...chosen].filter(({ id }) => !excluded.has(id));
}

/** The clients of an audience, as they have their ids at the moment. */
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

/** Whether a connection is of a stored audience, as it is now. */
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
