import type {
  Connection,
  ConnectionContext,
  Credential,
  ErrorContext,
  Message,
  PartyErrorOptions,
  PartyOptions,
} from "../src/index";
import { Party, PartyError } from "../src/index";

/** The hooks of one room, each with the party itself in front. */
export interface Script {
  onStart?(party: ScriptedRoom): void | Promise<void>;
  authorize?(party: ScriptedRoom, request: Request, credential: Credential): unknown;
  getConnectionTags?(
    party: ScriptedRoom,
    connection: Connection,
    context: ConnectionContext,
  ): readonly string[] | Promise<readonly string[]>;
  onConnect?(
    party: ScriptedRoom,
    connection: Connection,
    context: ConnectionContext,
  ): void | Promise<void>;
  onMessage?(party: ScriptedRoom, connection: Connection, message: Message): void | Promise<void>;
  onClose?(
    party: ScriptedRoom,
    connection: Connection,
    code: number,
    reason: string,
    wasClean: boolean,
  ): void | Promise<void>;
  onError?(party: ScriptedRoom, error: unknown, context: ErrorContext): void | Promise<void>;
  onRequest?(party: ScriptedRoom, request: Request): Response | Promise<Response>;
  onAlarm?(party: ScriptedRoom): void | Promise<void>;
  /** Before the library sees a request. */
  fetch?(ctx: DurableObjectState, request: Request): Response | undefined;
}

/**
 * Scripts by room name, or by the id of a room without one. A test and its rooms run in one isolate, and what a module holds outlives
 * the objects: so a room that has slept finds its script again.
 */
export const scripts = new Map<string, Script>();

/** A party whose hooks are those of its room's script, and otherwise the defaults. */
export class ScriptedRoom extends Party<Cloudflare.Env> {
  field = "set";

  get storage(): DurableObjectStorage {
    return this.ctx.storage;
  }

  get #script(): Script {
    return scripts.get(this.ctx.id.name ?? this.ctx.id.toString()) ?? {};
  }

  /** An RPC method of the user's own. */
  ping(): string {
    return `pong from ${this.room}, ${this.field}`;
  }

  /** An RPC method that fails. */
  fail(): Promise<void> {
    return Promise.reject(new Error("failed"));
  }

  /** An RPC method that refuses. */
  refuse(code: string, options?: PartyErrorOptions): never {
    throw new PartyError(code, options);
  }

  override async fetch(request: Request) {
    return this.#script.fetch?.(this.ctx, request) ?? super.fetch(request);
  }

  override onStart() {
    return this.#script.onStart?.(this);
  }

  override authorize(request: Request, credential: Credential) {
    const { authorize } = this.#script;
    return authorize ? authorize(this, request, credential) : super.authorize(request, credential);
  }

  override getConnectionTags(connection: Connection, context: ConnectionContext) {
    const { getConnectionTags } = this.#script;
    return getConnectionTags
      ? getConnectionTags(this, connection, context)
      : super.getConnectionTags(connection, context);
  }

  override onConnect(connection: Connection, context: ConnectionContext) {
    return this.#script.onConnect?.(this, connection, context);
  }

  override onMessage(connection: Connection, message: Message) {
    return this.#script.onMessage?.(this, connection, message);
  }

  override onClose(connection: Connection, code: number, reason: string, wasClean: boolean) {
    return this.#script.onClose?.(this, connection, code, reason, wasClean);
  }

  override onError(error: unknown, context: ErrorContext) {
    const { onError } = this.#script;
    return onError ? onError(this, error, context) : super.onError(error, context);
  }

  override onRequest(request: Request) {
    const { onRequest } = this.#script;
    return onRequest ? onRequest(this, request) : super.onRequest(request);
  }

  override onAlarm() {
    return this.#script.onAlarm?.(this);
  }
}

export class InMemoryRoom extends ScriptedRoom {}

export class HibernatingRoom extends ScriptedRoom {
  static override options = { hibernate: true };
}

/** A party with no hooks at all. */
export class BareRoom extends Party {}

/** A party with limits that a test can reach. */
export class StrictRoom extends ScriptedRoom {
  static override options: PartyOptions = {
    hibernate: true,
    limits: { connections: 2, messageBytes: 1_024, messagesPerSecond: 10, messageBurst: 5 },
  };
}

/** The same, which the platform answers no pings for. */
export class StrictInMemoryRoom extends StrictRoom {
  static override options: PartyOptions = { hibernate: false };
}

/** Parties that find a dead connection soon. */
export class ImpatientRoom extends ScriptedRoom {
  static override options: PartyOptions = { limits: { deadAfterMs: 200 } };
}
