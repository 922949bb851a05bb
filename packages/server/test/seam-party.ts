import { defineContract, type } from "@partyflare/shared";
import type { Capability, Feature, Host } from "../src/capabilities/capability";
import {
  type Connection,
  type Credential,
  type ErrorContext,
  history,
  type InvalidMessage,
  type Message,
  Party,
  type PartyOptions,
} from "../src/index";

const contract = defineContract({
  fromClient: { say: type<unknown>() },
  fromServer: { said: type<unknown>(), passing: type<unknown>() },
  calls: { post: { input: type<unknown>(), output: type<unknown>(), once: true } },
});

type SeamContract = typeof contract;

/** Makes what a capability does, besides its name. */
export type MakeCapability = (
  host: Host<SeamContract>,
  party: SeamRoom,
) => Omit<Capability, "name"> | undefined;

/** What one room does. */
export interface SeamScript {
  first?: MakeCapability;
  second?: MakeCapability;
  onStart?(party: SeamRoom): void;
  authorize?(party: SeamRoom, credential: Credential): unknown;
  getConnectionTags?(party: SeamRoom, connection: Connection): readonly string[];
  onConnect?(party: SeamRoom, connection: Connection): void | Promise<void>;
  onMessage?(party: SeamRoom, connection: Connection, message: Message): void | Promise<void>;
  onClose?(party: SeamRoom, connection: Connection): void | Promise<void>;
  onInvalid?(party: SeamRoom, connection: Connection, invalid: InvalidMessage): void;
  onError?(party: SeamRoom, error: unknown, context: ErrorContext): void;
  say?(party: SeamRoom, connection: Connection, data: unknown): unknown;
  post?(party: SeamRoom, connection: Connection, input: unknown): unknown;
}

/** By room name. See `scripts` in parties.ts. */
export const seamScripts = new Map<string, SeamScript>();

/** A party with a history, calls that happen once, and two capabilities of the test's own. */
export class SeamRoom extends Party.for(contract)<Cloudflare.Env> {
  static override options: PartyOptions = { hibernate: true, limits: { badFrames: 5 } };

  readonly history = this.use(history({ events: ["said"] }));
  readonly first = this.use(this.#scripted("first"));
  readonly second = this.use(this.#scripted("second"));
  readonly on = this.handle({
    say: (from, data) => this.#script.say?.(this, from, data),
    post: (from, input) => this.#script.post?.(this, from, input),
  });

  get #script(): SeamScript {
    return seamScripts.get(this.room) ?? {};
  }

  get storage(): DurableObjectStorage {
    return this.ctx.storage;
  }

  transact<Result>(run: () => Result): Result {
    return this.transactionSync(run);
  }

  add(feature: Feature<SeamContract, unknown>): unknown {
    return this.use(feature);
  }

  #scripted(name: "first" | "second"): Feature<SeamContract, Host<SeamContract>> {
    return (host) => {
      const capability = { name, ...this.#script[name]?.(host, this) };
      return { capability, api: host };
    };
  }

  override onStart() {
    this.#script.onStart?.(this);
  }

  override authorize(_request: Request, credential: Credential) {
    return this.#script.authorize?.(this, credential);
  }

  override getConnectionTags(connection: Connection) {
    return this.#script.getConnectionTags?.(this, connection) ?? [];
  }

  override onConnect(connection: Connection) {
    return this.#script.onConnect?.(this, connection);
  }

  override onMessage(connection: Connection, message: Message) {
    return this.#script.onMessage?.(this, connection, message);
  }

  override onClose(connection: Connection) {
    return this.#script.onClose?.(this, connection);
  }

  override onInvalid(connection: Connection, invalid: InvalidMessage) {
    this.#script.onInvalid?.(this, connection, invalid);
  }

  override onError(error: unknown, context: ErrorContext) {
    const { onError } = this.#script;
    return onError ? onError(this, error, context) : super.onError(error, context);
  }
}

export class SeamInMemoryRoom extends SeamRoom {
  static override options: PartyOptions = { hibernate: false };
}

/** A party that has an alarm of its own beside its capabilities. */
export class SeamAlarmRoom extends SeamRoom {
  override onAlarm() {
    return Promise.reject(new Error("An alarm of the party's own."));
  }
}
