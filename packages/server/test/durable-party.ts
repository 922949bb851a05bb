import { defineContract, type } from "@partyflare/shared";
import {
  type ConnectionOf,
  type ErrorContext,
  history,
  type HistoryOptions,
  Party,
  type PartyOptions,
} from "../src/index";

const contract = defineContract({
  fromClient: { say: type<string>(), tag: type<string[]>() },
  fromServer: { said: type<unknown>(), bell: type<void>(), passing: type<unknown>() },
  calls: {
    post: { input: type<unknown>(), output: type<unknown>(), once: true },
    ask: { input: type<unknown>(), output: type<unknown>() },
  },
});

type DurableConnection = ConnectionOf<typeof contract>;

/** What one room does. */
export interface DurableScript {
  history?: Partial<HistoryOptions<"said" | "bell">>;
  say?(party: DurableRoom, from: DurableConnection, text: string): unknown;
  post?(party: DurableRoom, from: DurableConnection, input: unknown): unknown;
  onError?(party: DurableRoom, error: unknown, context: ErrorContext): void;
}

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
    ask: (from, input) => this.#script.post?.(this, from, input),
  });

  get #script(): DurableScript {
    return durableScripts.get(this.room) ?? {};
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

  override onError(error: unknown, context: ErrorContext) {
    const { onError } = this.#script;
    return onError ? onError(this, error, context) : super.onError(error, context);
  }
}

export class DurableInMemoryRoom extends DurableRoom {
  static override options: PartyOptions = { hibernate: false };
}
