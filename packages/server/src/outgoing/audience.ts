import type { RoomConnection } from "../connections/room-connection";

/** Who gets an event. What is left out does not narrow it. */
export interface Audience<Tag extends string = string> {
  /** Ids of those who do not. */
  except?: readonly string[];
  /** Only connections that carry every one of these tags. */
  tags?: readonly Tag[];
  /** Only the connections with these ids. */
  to?: readonly string[];
}

/** Who gets an event, and what becomes of it while it waits to be sent. */
export interface EmitOptions<Tag extends string = string> extends Audience<Tag> {
  /**
   * Whose, or of what, this is the latest: of one event with one `latestBy`, only the newest is sent
   * where several would leave in one message, or wait for a slow reader. It does nothing in a room
   * without a `batch` window.
   */
  latestBy?: string;
}

/** Where connections are looked up. */
export interface Directory {
  all(): Iterable<RoomConnection>;
  get(id: string): RoomConnection | undefined;
  withTags(tags: readonly string[]): readonly RoomConnection[];
}

/** The open connections of an audience. */
export function audienceOf(
  directory: Directory,
  { except = [], tags = [], to }: Audience,
): Iterable<RoomConnection> {
  const chosen = to ? named(directory, to, tags) : tagged(directory, tags);
  if (except.length === 0) return chosen;
  const excluded = new Set(except);
  return [...chosen].filter(({ id }) => !excluded.has(id));
}

/** Whether a connection is of an audience, as it is now. */
export function isInAudience(
  { id, tags: carried }: Pick<RoomConnection, "id" | "tags">,
  { except = [], tags = [], to }: Audience,
): boolean {
  if (except.includes(id) || (to && !to.includes(id))) return false;
  return tags.every((tag) => carried.includes(tag));
}

function tagged(directory: Directory, tags: readonly string[]): Iterable<RoomConnection> {
  return tags.length > 0 ? directory.withTags(tags) : directory.all();
}

function named(
  directory: Directory,
  ids: readonly string[],
  tags: readonly string[],
): RoomConnection[] {
  return [...new Set(ids)].flatMap((id) => {
    const connection = directory.get(id);
    return connection && tags.every((tag) => connection.tags.includes(tag)) ? [connection] : [];
  });
}
