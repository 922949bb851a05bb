import { defineContract, type } from "@partyflare/shared";
import {
  type ConnectionContext,
  type ConnectionOf,
  type Credential,
  type ErrorContext,
  history,
  type HistoryOptions,
  type InvalidMessage,
  type Message,
  Party,
  type PartyOptions,
} from "../src/index";

/** Data whose schema is the script's own code: it names the room whose script that is. */
interface Checked {
  room: string;
}

const checked = {
  "~standard": {
    version: 1,
    vendor: "partyflare-tests",
    validate: (value: unknown) =>
      durableScripts.get((value as Checked).room)?.validate?.(value) ?? { value },
    types: undefined as { input: Checked; output: Checked } | undefined,
  },
} as const;

const contract = defineContract({
  fromClient: { say: type<string>(), tag: type<string[]>(), check: checked },
  fromServer: { said: type<unknown>(), bell: type<void>(), passing: type<unknown>() },
  calls: {
    post: { input: type<unknown>(), output: type<unknown>(), once: true },
    put: { input: type<unknown>(), output: type<unknown>(), once: true },
    ask: { input: type<unknown>(), output: type<unknown>() },
  },
});

export type DurableConnection = ConnectionOf<typeof contract>;

/** What one room does. */
export interface DurableScript {
  history?: Partial<HistoryOptions<"said" | "bell">>;
  /** Handlers in place of those that call the functions below. */
  handle?: object;
  say?(party: DurableRoom, from: DurableConnection, text: string): unknown;
  post?(party: DurableRoom, from: DurableConnection, input: unknown): unknown;
  /** The schema of `check`. It knows no party. */
  validate?(value: unknown): ValidationResult | Promise<ValidationResult>;
  check?(party: DurableRoom, from: DurableConnection): unknown;
  ask?(party: DurableRoom, from: DurableConnection, input: unknown): unknown;
  onStart?(party: DurableRoom): void | Promise<void>;
  authorize?(party: DurableRoom, request: Request, credential: Credential): unknown;
  getConnectionTags?(
    party: DurableRoom,
    connection: DurableConnection,
    context: ConnectionContext,
  ): readonly string[] | Promise<readonly string[]>;
  onConnect?(party: DurableRoom, connection: DurableConnection): void | Promise<void>;
  onMessage?(
    party: DurableRoom,
    connection: DurableConnection,
    message: Message,
  ): void | Promise<void>;
  onClose?(party: DurableRoom, connection: DurableConnection, code: number): void | Promise<void>;
  onInvalid?(
    party: DurableRoom,
    connection: DurableConnection,
    invalid: InvalidMessage,
  ): void | Promise<void>;
  onError?(party: DurableRoom, error: unknown, context: ErrorContext): void | Promise<void>;
}

type ValidationResult = { value: unknown } | { issues: { message: string }[] };

/** By room name. See `scripts` in parties.ts. */
export const durableScripts = new Map<string, DurableScript>();

export class DurableRoom extends Party.for(contract)<Cloudflare.Env> {
  static override options: PartyOptions = { hibernate: true };

  readonly history = this.use(history({ events: ["said", "bell"], ...this.#script.history }));

  readonly on = this.handle({
    say: (from, text) =>
      this.#script.say ? this.#script.say(this, from, text) : this.emit("said", text),
    tag: (from, tags) => from.setTags(tags),
    post: (from, input) => this.#script.post?.(this, from, input),
    put: (from, input) => this.#script.post?.(this, from, input),
    check: (from) => this.#script.check?.(this, from),
    ask: (from, input) => {
      const answer = this.#script.ask ?? this.#script.post;
      return answer?.(this, from, input);
    },
    ...this.#script.handle,
  });

  get #script(): DurableScript {
    return durableScripts.get(this.room) ?? {};
  }

  get storage(): DurableObjectStorage {
    return this.ctx.storage;
  }

  /** A write of the app's own. */
  keep(text: string): void {
    this.ctx.storage.kv.put("kept", [...this.kept, text]);
  }

  /** A write that does not succeed. */
  fail(): void {
    this.ctx.storage.sql.exec(`INSERT INTO nowhere VALUES (1)`);
  }

  get kept(): string[] {
    return this.ctx.storage.kv.get<string[]>("kept") ?? [];
  }

  /** What the party's own code can call. */
  transact<Result>(run: () => Result): Result {
    return this.transactionSync(run);
  }

  /** The platform's own, of which the library knows nothing. */
  transactByPlatform<Result>(run: () => Result): Result {
    return this.ctx.storage.transactionSync(run);
  }

  override onStart() {
    return this.#script.onStart?.(this);
  }

  override authorize(request: Request, credential: Credential) {
    return this.#script.authorize?.(this, request, credential);
  }

  override getConnectionTags(connection: DurableConnection, context: ConnectionContext) {
    return this.#script.getConnectionTags?.(this, connection, context) ?? [];
  }

  override onConnect(connection: DurableConnection) {
    return this.#script.onConnect?.(this, connection);
  }

  override onMessage(connection: DurableConnection, message: Message) {
    return this.#script.onMessage?.(this, connection, message);
  }

  override onClose(connection: DurableConnection, code: number) {
    return this.#script.onClose?.(this, connection, code);
  }

  override onInvalid(connection: DurableConnection, invalid: InvalidMessage) {
    return this.#script.onInvalid?.(this, connection, invalid);
  }

  override onError(error: unknown, context: ErrorContext) {
    const { onError } = this.#script;
    return onError ? onError(this, error, context) : super.onError(error, context);
  }
}

export class DurableInMemoryRoom extends DurableRoom {
  static override options: PartyOptions = { hibernate: false };
}
