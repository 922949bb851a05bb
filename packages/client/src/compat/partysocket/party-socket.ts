import type { PartyFetchOptions, PartySocketOptions } from "./options";
import { ReconnectingWebSocket } from "./reconnecting-web-socket";
import { type RoomAddress, roomAddress } from "./room-address";

/**
 * A WebSocket to a room, with the interface and the defaults of partysocket's class.
 *
 * @example
 * const socket = new PartySocket({ host: "example.com", party: "my-party", room: "lobby" });
 * socket.addEventListener("message", ({ data }) => show(data));
 * socket.send("hello");
 */
export class PartySocket extends ReconnectingWebSocket {
  /** The options, with all that `updateProperties` has changed. */
  partySocketOptions: PartySocketOptions;
  /** This connection's id in the room. */
  _pk: string;
  /** The room's URL, without a query. */
  _pkurl: string;
  /** The party's name in the URL. */
  name: string;
  room: string | undefined;
  /** Without a scheme. */
  host: string;
  /** The path after the room's name, with a slash in front; empty without one. */
  path: string;
  basePath: string | undefined;

  /** @throws Error without a room and a base path, unless it starts closed, or for a bad path. */
  constructor(options: PartySocketOptions) {
    const { room, basePath } = options;
    const id = options.id || uuid();
    if (!options.startClosed && !room && !basePath) {
      throw new Error(
        "Pass `room` or `basePath`. To set them later, pass `startClosed: true` and call `updateProperties`.",
      );
    }
    const address = addressOf(options, id);
    super(address.url, options.protocols, options);
    this.partySocketOptions = options;
    this._pk = id;
    this._pkurl = address.roomUrl;
    this.name = address.name;
    this.room = room;
    this.host = address.host;
    this.path = address.path;
    this.basePath = basePath;
    if (!options.disableNameValidation) warnOfSlashes(options);
  }

  /** Sends an HTTP request to a room's `onRequest`. */
  static async fetch(options: PartyFetchOptions, init?: RequestInit): Promise<Response> {
    const { url } = roomAddress("http", options);
    return (options.fetch ?? fetch)(typeof url === "function" ? await url() : url, init);
  }

  /** This connection's id in the room. It is the same at every attempt. */
  get id(): string {
    return this._pk;
  }

  /** The room's URL, without a query: `wss://example.com/parties/my-party/lobby`. */
  get roomUrl(): string {
    return this._pkurl;
  }

  /**
   * Changes options. The next attempt uses them: call `reconnect` to connect with them now. The id
   * stays the same unless it is one of them.
   */
  updateProperties(options: Partial<PartySocketOptions>): void {
    const old = this.partySocketOptions;
    const all = {
      ...old,
      ...options,
      host: options.host ?? this.host,
      room: options.room ?? this.room,
      path: options.path ?? old.path,
      basePath: options.basePath ?? this.basePath,
    };
    const id = options.id || this._pk;
    const { url, ...address } = addressOf(all, id);
    this._url = url;
    this._protocols = all.protocols;
    this._options = all;
    this.partySocketOptions = all;
    this._pk = id;
    this._pkurl = address.roomUrl;
    this.name = address.name;
    this.room = all.room;
    this.host = address.host;
    this.path = address.path;
    this.basePath = all.basePath;
  }

  /** @throws Error if there is no host, or neither a room nor a base path. */
  override reconnect(code?: number, reason?: string): void {
    const isMissing = (what: string) =>
      new Error(
        `The ${what} must be set before connecting: call \`updateProperties\`, or pass it to the constructor.`,
      );
    if (!this.host) throw isMissing("host");
    if (!this.room && !this.basePath) throw isMissing("room (or basePath)");
    super.reconnect(code, reason);
  }
}

function addressOf(options: PartySocketOptions, id: string): RoomAddress {
  return roomAddress("ws", options, { _pk: id });
}

function warnOfSlashes({ party, room }: PartySocketOptions): void {
  for (const [kind, name] of Object.entries({ party, room })) {
    if (!name?.includes("/")) continue;
    // oxlint-disable-next-line no-console -- it is for the developer
    console.warn(
      `The ${kind} name "${name}" contains forward slashes, which separate path segments. Encode it, or pass \`disableNameValidation: true\`.`,
    );
  }
}

/** Returns a random UUID. It is no secret, so it needs no `crypto`, which React Native lacks. */
function uuid(): string {
  const { randomUUID } = (globalThis.crypto ?? {}) as Partial<Crypto>;
  if (randomUUID) return randomUUID.call(crypto);
  return "xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx".replaceAll("x", () =>
    Math.trunc(Math.random() * 16).toString(16),
  );
}
