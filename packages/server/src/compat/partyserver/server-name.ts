import { mistake, utf8Length } from "@partyflare/shared/internal";
import { refuseInRoom } from "../../refusal";
import { reportOnce } from "../report";
import { NAME_HEADER } from "./props";

/** The platform keeps no longer name with the id of an object. */
const MAX_BYTES = 1_024;

/** The storage key in which partyserver keeps the name of a room. */
const KEY = "__ps_name";

/**
 * The name of a server, as it stood in the URL. The platform knows it unless the object was reached
 * by a bare id. partyserver keeps a copy in the storage, and so does this.
 */
export class ServerName {
  readonly #ctx: DurableObjectState;
  readonly #className: string;
  #stored: string | undefined;
  /** The name in the header of a request. A client may have forged it. */
  #asked: string | undefined;

  constructor(ctx: DurableObjectState, className: string) {
    this.#ctx = ctx;
    this.#className = className;
  }

  /** The name; undefined if the server has none, or does not know it yet. */
  get value(): string | undefined {
    return this.#ctx.id.name ?? this.#stored ?? this.#asked;
  }

  /** @throws Error if the server has no name. */
  get required(): string {
    const { value } = this;
    if (value === undefined) throw new Error(this.missing);
    return value;
  }

  /** The text of the error for a server without a name. */
  get missing(): string {
    return (
      `Cannot determine the name of this ${this.#className}: its id comes from newUniqueId() or ` +
      "idFromString(), or from another wrangler process. Reach it with routePartykitRequest() or " +
      "getServerByName(), which use idFromName(), or call setName() first."
    );
  }

  /**
   * Takes the name of a request, if neither the platform nor the storage has one.
   *
   * @returns the refusal of a name that is too long: the server would forget it when it leaves
   *   memory. It may be in the storage, by `setName()` or by an older partyserver.
   */
  async learn(request: Request): Promise<Response | undefined> {
    const name = request.headers.get(NAME_HEADER);
    if (this.#ctx.id.name !== undefined || name === null || name === "") return undefined;
    if (utf8Length(name) > MAX_BYTES) {
      this.#stored ??= await this.#ctx.storage.get<string>(KEY);
      if (this.#stored === undefined) return refuseName(request);
    }
    this.#asked ??= name;
    return undefined;
  }

  /** Reads the name from the storage, or writes it there. */
  async load(): Promise<void> {
    const { id, storage } = this.#ctx;
    if (id.name === undefined) this.#stored ??= await storage.get<string>(KEY);
    else if ((await storage.get(KEY)) !== id.name) await storage.put(KEY, id.name);
  }

  /**
   * Sets the name of a server that the platform knows none of.
   *
   * @throws Error if the server has another name.
   */
  async set(name: string): Promise<void> {
    if (name === "") throw new Error("setName() takes a name that is not empty.");
    const known = this.value;
    if (known !== undefined && known !== name) {
      throw new Error(
        `This room was created for name ${JSON.stringify(known)}, and cannot be named ` +
          `${JSON.stringify(name)}.`,
      );
    }
    if (known !== undefined) return;
    await this.#ctx.storage.put(KEY, name);
    this.#stored = name;
  }
}

function refuseName(request: Request): Response {
  const message =
    "A room's name has at most 1,024 bytes as it stands in the URL: the platform keeps no longer one.";
  reportOnce(message);
  return refuseInRoom(request, mistake("invalid", { message }));
}
