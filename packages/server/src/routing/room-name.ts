import { isNamespace } from "./namespaces";

/**
 * The header in which the Worker passes a room its name, escaped as in a URL. A room that finds it
 * knows that the Worker reads the mark of a refusal: see refusal.ts.
 */
const HEADER = "X-Partyflare-Room";

/** Where a room keeps a name that the platform does not know. */
const KEY = "partyflare_room";

/** The same request with the room's name, whatever a client has put there. */
export function withRoomName(request: Request, room: string): Request {
  const named = new Request(request);
  named.headers.set(HEADER, encodeURIComponent(room));
  return named;
}

/** Whether a request came through the Worker's own `fetchRoomForRequest`. A client can claim it. */
export function isFromWorker(request: Request): boolean {
  return request.headers.has(HEADER);
}

/**
 * The name of a room. The platform tells it, except to a room that is first reached by its bare id.
 * That is also the case where two `wrangler dev` share a class by `script_name`.
 */
export class RoomName {
  readonly #ctx: DurableObjectState;
  readonly #env: object;
  #learned: string | undefined;

  constructor(ctx: DurableObjectState, env: object) {
    this.#ctx = ctx;
    this.#env = env;
  }

  /** Undefined in a room that has none, or has not learned it yet. */
  get value(): string | undefined {
    return this.#ctx.id.name ?? (this.#learned ??= this.#read());
  }

  /** @throws Error where there is none. */
  get required(): string {
    const name = this.value;
    if (name !== undefined) return name;
    throw new Error(
      "This room has no name, since its id came from newUniqueId() or idFromString(), or from " +
        "another `wrangler dev`. Reach it with Party.fetchRoomForRequest() first, or with " +
        "Party.withRoom() from its own Worker.",
    );
  }

  /** Takes the name that the Worker has passed on, where this room has none and it is the room's own. */
  learn(request: Request): void {
    if (this.#ctx.id.name !== undefined) return;
    const name = nameIn(request);
    if (name === undefined || this.value === name || !this.#isOwn(name)) return;
    this.#learned = name;
    try {
      this.#ctx.storage.kv.put(KEY, name);
    } catch {
      // A class without SQLite learns it anew in each of its lives.
    }
  }

  /** A name gives the same id only in the room's own namespace, so any namespace may be asked. */
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
