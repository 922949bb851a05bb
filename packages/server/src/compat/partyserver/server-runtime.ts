import { MAX_TAG_LENGTH, mistake, partyErrorOf } from "@partyflare/shared/internal";
import type { Closing } from "../../connections/connection";
import type { RoomConnection } from "../../connections/room-connection";
import type { Dialect } from "../../dialect";
import type { Hooks } from "../../hooks";
import { logError } from "../../log";
import { refuseInRoom } from "../../refusal";
import { Room } from "../../room";
import { start } from "../../start";
import { reportOnce } from "../report";
import { adoptSocket } from "./attachment";
import type { Connection, ConnectionContext, WSMessage } from "./connection-types";
import { decodeProps, PROPS_HEADER } from "./props";
import { serverConnection, setUri } from "./server-connection";
import { ServerName } from "./server-name";
import { type ResolvedServerOptions, resolveServerOptions } from "./server-options";

/** The hooks of a server, as its room calls them. */
export interface ServerHooks {
  onStart(props?: unknown): void | Promise<void>;
  getConnectionTags(
    connection: Connection,
    context: ConnectionContext,
  ): readonly string[] | Promise<readonly string[]>;
  onConnect(connection: Connection, context: ConnectionContext): void | Promise<void>;
  onMessage(connection: Connection, message: WSMessage): void | Promise<void>;
  onClose(
    connection: Connection,
    code: number,
    reason: string,
    wasClean: boolean,
  ): void | Promise<void>;
  onError(connection: Connection, error: unknown): void | Promise<void>;
  onException(error: unknown): void | Promise<void>;
  onRequest(request: Request): Response | Promise<Response>;
  onAlarm(): void | Promise<void>;
}

/** `Party`'s own limit. A longer message is taken here, and refused by a party. */
const PARTY_MESSAGE_BYTES = 1024 * 1024;

/**
 * What a server runs on: a room that starts with the first event, so that the request may bring
 * props and a name.
 */
export class ServerRuntime {
  readonly name: ServerName;
  readonly #ctx: DurableObjectState;
  readonly #env: object;
  readonly #server: ServerHooks;
  #options: ResolvedServerOptions;
  #room: Room | undefined;
  #props: unknown;
  #starting: Promise<void> | undefined;
  #isStarted = false;

  constructor(ctx: DurableObjectState, env: object, server: ServerHooks) {
    this.#ctx = ctx;
    this.#env = env;
    this.#server = server;
    this.name = new ServerName(ctx, server.constructor.name);
    this.#options = resolveServerOptions(server.constructor);
  }

  /** Whether connections outlive the memory of the room. */
  get hibernates(): boolean {
    return this.#options.room.hibernate;
  }

  /**
   * Sets the option `hibernate` of an instance, before the first event. A room of the other kind is
   * created again.
   */
  set hibernates(hibernate: boolean) {
    if (hibernate !== this.hibernates) this.#room = undefined;
    this.#options = resolveServerOptions(this.#server.constructor, hibernate);
  }

  /** The room. It is created late, since an instance may have options. */
  get room(): Room {
    return (this.#room ??= new Room({
      ctx: this.#ctx,
      env: this.#env,
      party: this.#hooks(),
      contract: {},
      options: this.#options.room,
      dialect: this.#dialect(),
    }));
  }

  /**
   * Runs `onStart` before the first event. A start that failed is tried again by the next event.
   *
   * @param props for `onStart`, if it has not run yet.
   */
  async start(props?: unknown): Promise<void> {
    if (this.#isStarted) return;
    if (props !== undefined) this.#props = props;
    this.#starting ??= this.#start().finally(() => {
      this.#starting = undefined;
    });
    await this.#starting;
  }

  /** Stores the name of a server that the platform knows none of, and starts it. */
  async setName(name: string, props: unknown): Promise<void> {
    await this.name.set(name);
    await this.start(props);
  }

  async fetch(request: Request): Promise<Response> {
    try {
      const refused = await this.name.learn(request);
      if (refused) return refused;
      await this.start(decodeProps(request.headers.get(PROPS_HEADER)));
    } catch (error) {
      return refuseInRoom(request, partyErrorOf(error) ?? mistake("internal"));
    }
    if (this.name.value === undefined) return new Response(this.name.missing, { status: 500 });
    return this.room.fetch(request);
  }

  async alarm(info?: AlarmInvocationInfo): Promise<void> {
    await this.start();
    await this.room.alarm(info);
  }

  message(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    return this.#whenStarted(() => this.room.message(socket, message));
  }

  /** A client gets its answer even if the start has failed. `onClose` then runs after a later one. */
  async close(socket: WebSocket, closing: Closing): Promise<void> {
    await this.start().catch(() => {});
    await this.room.close(socket, closing);
  }

  error(socket: WebSocket, error: unknown): Promise<void> {
    return this.#whenStarted(() => this.room.error(socket, error));
  }

  /** Returns the connection as the server sees it. */
  wrap(connection: RoomConnection): Connection {
    return serverConnection(connection, this);
  }

  /** Returns the open connections with a tag; all of them without one. */
  connections(tag?: string): Connection[] {
    const { registry } = this.room;
    return registry.withTags(tag ? [tag] : []).map((connection) => this.wrap(connection));
  }

  /** Returns an open connection with this id. */
  connection(id: string): Connection | undefined {
    const { registry } = this.room;
    // Of connections that share an id, the newest may have left.
    const found = registry.get(id) ?? registry.withTags([id]).find((each) => each.id === id);
    return found && this.wrap(found);
  }

  async #start(): Promise<void> {
    let failed: { error: unknown } | undefined;
    // An error in here would reset the object, and its clients would lose their connections.
    await this.#ctx.blockConcurrencyWhile(async () => {
      try {
        await this.name.load();
      } catch (error) {
        logError(this.#server.constructor.name, error);
        failed = { error };
        return;
      }
      try {
        // It reports its own error.
        await start(this.room);
        this.#isStarted = true;
      } catch (error) {
        failed = { error };
      }
    });
    if (failed) throw failed.error;
  }

  /** `onException` has the error of a failed start, and the next event starts the room again. */
  async #whenStarted(run: () => void | Promise<void>): Promise<void> {
    try {
      await this.start();
    } catch {
      return;
    }
    await run();
  }

  #hooks(): Hooks {
    const server = this.#server;
    const wrap = (connection: unknown) => this.wrap(connection as RoomConnection);
    return {
      onStart: () => server.onStart(this.#props),
      authorize: () => undefined,
      getConnectionTags: async (connection, context) => {
        const { id } = connection;
        setUri(connection as RoomConnection, context.request.url, this);
        const tags = await server.getConnectionTags(wrap(connection), context);
        return [id, ...tags.filter((tag) => tag !== id)];
      },
      onConnect: (connection, context) => server.onConnect(wrap(connection), context),
      onMessage: (connection, message) => {
        noteLength(message);
        return server.onMessage(wrap(connection), message);
      },
      onClose: (connection, ...closing) => server.onClose(wrap(connection), ...closing),
      onInvalid: () => {},
      onRequest: (request) => server.onRequest(request),
      onAlarm: () => server.onAlarm(),
      onError: (error, { connection }) =>
        connection ? server.onError(wrap(connection), error) : server.onException(error),
    };
  }

  #dialect(): Dialect {
    const { concurrentMessages, sharedIds } = this.#options;
    return {
      idOf,
      sharesIds: sharedIds,
      isSerial: !concurrentMessages,
      onTakeover: () =>
        reportOnce(
          "a new connection has closed an older one with the same id (4409). partyserver keeps " +
            "both: set `static options = { sharedIds: true }` if clients share ids.",
        ),
      adopt: adoptSocket,
    };
  }
}

/** The id is a tag of the platform too. */
function idOf(query: URLSearchParams): string {
  const id = query.get("_pk") || crypto.randomUUID();
  if (id.length <= MAX_TAG_LENGTH) return id;
  throw mistake("invalid", {
    message: `A connection's id has at most ${MAX_TAG_LENGTH} characters.`,
  });
}

function noteLength(message: WSMessage): void {
  const length = typeof message === "string" ? message.length : message.byteLength;
  if (length <= PARTY_MESSAGE_BYTES) return;
  reportOnce(
    "took a message of more than 1 MiB, as partyserver does. `Party` refuses it: set " +
      "`static options = { limits: { messageBytes: 1_048_576 } }` for the same limit here.",
  );
}
