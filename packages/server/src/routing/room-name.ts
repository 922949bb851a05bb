import { isNamespace } from "./namespaces";

/**
 * The header in which the Worker passes the room's name, escaped as in a URL. It also tells the
 * room that the Worker reads the mark of a refusal: see refusal.ts.
 */
const HEADER = "X-Partyflare-Room";

/** The storage key of a name that the platform does not know. */
const KEY = "partyflare_room";

/** Returns the same request with the room's name. It overwrites a header that the client sent. */
export function withRoomName(request: Request, room: string): Request {
  const named = new Request(request);
  named.headers.set(HEADER, encodeURIComponent(room));
  return named;
}

/** Whether a request came through `fetchRoomForRequest`. A client can forge this. */
export function isFromWorker(request: Request): boolean {
  return request.headers.has(HEADER);
}

/**
 * The name of a room. The platform knows it unless the first call used the bare id. The bare id is
 * also used if two `wrangler dev` share a class by `script_name`.
 */
export class RoomName {
  readonly #ctx: DurableObjectState;
  readonly #env: object;
  #learned: string | undefined;

  constructor(ctx: DurableObjectState, env: object) {
    this.#ctx = ctx;
    this.#env = env;
  }

  /** The name; undefined if the room has none, or does not know it yet. */
  get value(): string | undefined {
    return this.#ctx.id.name ?? (this.#learned ??= this.#read());
  }

  /** @throws Error if the room has no name. */
  get required(): string {
    const name = this.value;
    if (name !== undefined) return name;
    throw new Error(
      "This room has no name: its id comes from newUniqueId() or idFromString(), or from " +
        "another `wrangler dev`. Reach it with Party.fetchRoomForRequest() first, or with " +
        "Party.withRoom() from its own Worker.",
    );
  }

  /** Stores the name from the Worker, if the room has none and the name gives this room's id. */
  learn(request: Request): void {
    if (this.#ctx.id.name !== undefined) return;
    const name = nameIn(request);
    if (name === undefined || this.value === name || !this.#isOwn(name)) return;
    this.#learned = name;
    try {
      this.#ctx.storage.kv.put(KEY, name);
    } catch {
      // A class without SQLite learns the name again after every restart.
    }
  }

  /** A name gives the same id only in the room's own namespace, so any namespace can be tried. */
  #isOwn(name: string): boolean {
    const { id, exports } = this.#ctx;
    // Compatibility dates before 2025-11-17 have no exports.
    const values: unknown[] = [exports ?? {}, this.#env].flatMap(Object.values);
    return values.some((value) => isNamespace(value) && value.idFromName(name).equals(id));
  }

  #read(): string | undefined {
    try {
      return this.#ctx.storage.kv.get<string>(KEY);
    } catch {
      return undefined;
    }
  }
}

function nameIn(request: Request): string | undefined {
  try {
    return decodeURIComponent(request.headers.get(HEADER) ?? "") || undefined;
  } catch {
    return undefined;
  }
}
