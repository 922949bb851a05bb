import { DurableObject } from "cloudflare:workers";
import { logError } from "../../log";
import { audienceOf } from "../../outgoing/audience";
import { deliverMessage } from "../../outgoing/delivery";
import type { Connection, ConnectionContext, WSMessage } from "./connection-types";
import { HIBERNATES, type ServerOptions } from "./server-options";
import { ServerRuntime, type ServerHooks } from "./server-runtime";

/** The runtime of each server. See `rooms` in party.ts for the reason. */
const runtimes = new WeakMap<object, ServerRuntime>();

/** Returns what a server runs on. */
export function runtimeOf(server: object): ServerRuntime {
  return runtimes.get(server) as ServerRuntime;
}

/**
 * The `Server` of partyserver, on a room of partyflare. Extend it as you did there; move the class
 * to `Party` when you like.
 *
 * @typeParam Env the type of the Worker's bindings, in `this.env`.
 * @typeParam Props the type of the props that `onStart` gets.
 */
export class Server<
  Env = Cloudflare.Env,
  Props extends Record<string, unknown> = Record<string, unknown>,
> extends DurableObject<Env> {
  /** The options of the class. A subclass inherits those that it does not set. */
  static options: ServerOptions = {};

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    // The room passes on what its Worker has sent as props.
    const hooks = this as unknown as ServerHooks;
    runtimes.set(this, new ServerRuntime(ctx, env as object, hooks));
  }

  /** @internal For the test kit, which knows a server by it. */
  get [HIBERNATES](): boolean {
    return runtimeOf(this).hibernates;
  }

  /**
   * The room's name, as it stands in the URL: `caf%C3%A9` for `café`.
   *
   * @throws Error if the room has no name.
   */
  get name(): string {
    return runtimeOf(this).name.required;
  }

  /** Runs a query of the room's SQLite, and returns its rows. Values are bound, never inserted. */
  sql<Row = Record<string, string | number | boolean | null>>(
    strings: TemplateStringsArray,
    ...values: (string | number | boolean | null)[]
  ): Row[] {
    try {
      return this.ctx.storage.sql.exec(strings.join("?"), ...values).toArray() as Row[];
    } catch (error) {
      void this.onException(error);
      throw error;
    }
  }

  /** Sends a message to every open connection, except those with the ids in `without`. */
  broadcast(message: WSMessage, without?: string[]): void {
    const { registry, batch } = runtimeOf(this).room;
    // Code without types passes null too.
    const audience = audienceOf(registry, without ? { except: without } : {});
    deliverMessage(audience, message as string, batch);
  }

  /** Returns the open connection with this id. */
  getConnection<State = unknown>(id: string): Connection<State> | undefined {
    return runtimeOf(this).connection(id) as Connection<State> | undefined;
  }

  /** Returns the open connections with a tag, or with an id; all of them without a tag. */
  getConnections<State = unknown>(tag?: string): Iterable<Connection<State>> {
    return runtimeOf(this).connections(tag) as Connection<State>[];
  }

  /** Returns the tags of a new connection: at most 9, each of 1 to 256 characters. */
  getConnectionTags(
    _connection: Connection,
    _context: ConnectionContext,
  ): string[] | Promise<string[]> {
    return [];
  }

  /** Runs before the first event. If it throws, the next event runs it again. */
  onStart(_props?: Props): void | Promise<void> {}

  /** Runs when a connection is open. Its client waits until the hook has ended. */
  onConnect(_connection: Connection, _context: ConnectionContext): void | Promise<void> {}

  /** Runs for each message. */
  onMessage(_connection: Connection, _message: WSMessage): void | Promise<void> {}

  /** Runs once when a connection has ended by either side. */
  onClose(
    _connection: Connection,
    _code: number,
    _reason: string,
    _wasClean: boolean,
  ): void | Promise<void> {}

  /** Runs for an error of a connection or of one of its hooks. Default: logs it. */
  onError(connection: Connection, error: unknown): void | Promise<void> {
    logError(`${describe(this)} connection ${connection.id}`, error);
  }

  /** Runs for an error that belongs to no connection. Default: logs it. */
  onException(error: unknown): void | Promise<void> {
    logError(describe(this), error);
  }

  /** Answers a plain HTTP request. Default: 404. */
  onRequest(_request: Request): Response | Promise<Response> {
    return new Response("Not implemented", { status: 404 });
  }

  /** Runs when the alarm of `ctx.storage.setAlarm()` is due. If it throws, the platform retries. */
  onAlarm(): void | Promise<void> {}

  /** The platform's entry point. An override may call `super.fetch(request)`. */
  override fetch(request: Request): Promise<Response> {
    return runtimeOf(this).fetch(request);
  }

  /** The platform's entry point. */
  override alarm(info?: AlarmInvocationInfo): Promise<void> {
    return runtimeOf(this).alarm(info);
  }

  /** The platform's entry point of a hibernating room. */
  override webSocketMessage(socket: WebSocket, message: WSMessage): Promise<void> {
    return runtimeOf(this).message(socket, message as string);
  }

  /** The platform's entry point of a hibernating room. */
  override webSocketClose(
    socket: WebSocket,
    code: number,
    reason: string,
    wasClean: boolean,
  ): Promise<void> {
    return runtimeOf(this).close(socket, { code, reason, wasClean });
  }

  /** The platform's entry point of a hibernating room. */
  override webSocketError(socket: WebSocket, error: unknown): Promise<void> {
    return runtimeOf(this).error(socket, error);
  }

  /**
   * Starts the room, and passes props to its `onStart`.
   *
   * @throws Error if the room has another name.
   */
  setName(name: string, props?: Props): Promise<void> {
    return runtimeOf(this).setName(name, props);
  }

  /** Starts the room, for a framework whose own methods are called by RPC. */
  __unsafe_ensureInitialized(): Promise<void> {
    return runtimeOf(this).start();
  }

  /** @deprecated `routePartykitRequest` sends props in a header. */
  async _initAndFetch(name: string, props: Props | undefined, request: Request): Promise<Response> {
    await this.setName(name, props);
    return this.fetch(request);
  }
}

function describe(server: object): string {
  return `${server.constructor.name} ${JSON.stringify(runtimeOf(server).name.value ?? "")}`;
}
