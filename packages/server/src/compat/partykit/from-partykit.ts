import type { ConnectionContext, WSMessage } from "../partyserver/connection-types";
import { runtimeOf, Server as RoomServer } from "../partyserver/server";
import { partyRoom } from "./party-room";
import type { BindingNames } from "./resources";
import type { Connection, PartyKitServer, Room, Server, Worker } from "./types";

/** A Durable Object class that runs a PartyKit class. */
export type PartyKitClass = new (ctx: DurableObjectState, env: Cloudflare.Env) => RoomServer;

/** Options of `fromPartyKit`. */
export interface FromPartyKitOptions {
  /** The names of the Worker's bindings, where they differ from PartyKit's. */
  bindings?: BindingNames;
}

/**
 * Returns a Durable Object class that runs a PartyKit class, or the older object form.
 *
 * @example
 * export const Main = fromPartyKit(Chat);
 *
 * @throws TypeError if it is neither.
 */
export function fromPartyKit(
  party: Worker | PartyKitServer,
  { bindings }: FromPartyKitOptions = {},
): PartyKitClass {
  checkParty(party, "fromPartyKit");
  const { name = "" } = party as { name?: string };
  const server = class extends RoomServer {
    readonly #party: Server;

    constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
      super(ctx, env);
      const runtime = runtimeOf(this);
      const { hibernates } = runtime;
      // A constructor may ask for connections, and that creates the room before the option is known.
      runtime.hibernates = true;
      const room = partyRoom({ ctx, env, server: this, names: bindings });
      this.#party = typeof party === "function" ? new party(room) : instanceOf(party, room);
      const { options } = this.#party;
      runtime.hibernates = options?.hibernate ?? party.options?.hibernate ?? hibernates;
    }

    override onStart() {
      return this.#party.onStart?.();
    }

    override async getConnectionTags(connection: Connection, context: ConnectionContext) {
      return (await this.#party.getConnectionTags?.(connection, context)) ?? [];
    }

    override onConnect(connection: Connection, context: ConnectionContext) {
      return this.#party.onConnect?.(connection, context);
    }

    override onMessage(connection: Connection, message: WSMessage) {
      return this.#party.onMessage?.(message, connection);
    }

    override onClose(connection: Connection) {
      return this.#party.onClose?.(connection);
    }

    override onError(connection: Connection, error: unknown) {
      if (!this.#party.onError) return super.onError(connection, error);
      return this.#party.onError(connection, error as Error);
    }

    override onRequest(request: Request) {
      return this.#party.onRequest?.(request) ?? super.onRequest(request);
    }

    override onAlarm() {
      return this.#party.onAlarm?.();
    }
  };
  // Errors in the log name the class of the app.
  Object.defineProperty(server, "name", { value: name || "PartyKitServer" });
  return server;
}

/** @throws TypeError if a value is no PartyKit server. */
export function checkParty(party: unknown, where: string): void {
  if (typeof party === "function" || (typeof party === "object" && party !== null)) return;
  throw new TypeError(
    `${where} takes the class that your PartyKit server has as its default export, not ` +
      `${String(party)}.`,
  );
}

/** Returns the object form as an instance of a class. */
function instanceOf(party: PartyKitServer, room: Room): Server {
  return {
    onConnect: (connection, context) => party.onConnect?.(connection, room, context),
    onMessage: (message, sender) => party.onMessage?.(message, sender, room),
    onClose: (connection) => party.onClose?.(connection, room),
    ...(party.onError && {
      onError: (connection, error) => party.onError?.(connection, error, room),
    }),
    ...(party.onRequest && {
      onRequest: async (request) => (await party.onRequest?.(request, room)) as Response,
    }),
    onAlarm: () => party.onAlarm?.(room),
  };
}
