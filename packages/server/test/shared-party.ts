import { defineContract, type } from "@partyflare/shared";
import * as z from "zod";
import {
  type ConnectionOf,
  type ErrorContext,
  type InvalidMessage,
  Party,
  type PartyOptions,
  sharedState,
  type SharedStateOptions,
} from "../src/index";

/** What the schema does with a phase, by its text. */
export const phaseHooks = new Map<string, () => boolean>();

const contract = defineContract({
  fromClient: { tell: type<unknown>() },
  fromServer: { said: type<unknown>() },
  calls: {
    act: { input: type<unknown>(), output: type<unknown>() },
    post: { input: type<unknown>(), output: type<unknown>(), once: true },
  },
  shared: z.object({
    phase: z.string().refine((phase) => phaseHooks.get(phase)?.() ?? true),
    votes: z.record(z.string(), z.union([z.string(), z.number()])),
    hands: z.record(z.string(), z.array(z.string())).optional(),
  }),
  state: type<{ user: string }>(),
});

export type SharedConnection = ConnectionOf<typeof contract>;

/** What one room does. What is left out has its default. */
export interface SharedScript extends Partial<SharedStateOptions<typeof contract>> {
  act?(party: SharedTestRoom, from: SharedConnection, input: unknown): unknown;
  onStart?(party: SharedTestRoom): void;
  onInvalid?(party: SharedTestRoom, invalid: InvalidMessage): void;
  onError?(error: unknown, context: ErrorContext): void;
}

/** By room name. See `scripts` in parties.ts. */
export const sharedScripts = new Map<string, SharedScript>();

/** Its clients say in their URL who they are: `?user=…`. */
export class SharedTestRoom extends Party.for(contract)<Cloudflare.Env> {
  readonly poll = this.use(sharedState(this.#options));
  readonly on = this.handle({
    tell: (from, input) => this.#script.act?.(this, from, input),
    act: (from, input) => this.#script.act?.(this, from, input),
    post: (from, input) => this.#script.act?.(this, from, input),
  });

  get #script(): SharedScript {
    return sharedScripts.get(this.room) ?? {};
  }

  get #options(): SharedStateOptions<typeof contract> {
    const { act: _1, onStart: _2, onInvalid: _3, onError: _4, ...options } = this.#script;
    return { initial: { phase: "open", votes: {} }, ...options };
  }

  get storage(): DurableObjectStorage {
    return this.ctx.storage;
  }

  transact<Result>(run: () => Result): Result {
    return this.transactionSync(run);
  }

  /** An RPC method of the user's own. */
  results() {
    const { value, version } = this.poll;
    return { value, version };
  }

  override authorize(request: Request) {
    return { user: new URL(request.url).searchParams.get("user") ?? "nobody" };
  }

  override onStart() {
    this.#script.onStart?.(this);
  }

  override onInvalid(_connection: SharedConnection, invalid: InvalidMessage) {
    this.#script.onInvalid?.(this, invalid);
  }

  override onError(error: unknown, context: ErrorContext) {
    const { onError } = this.#script;
    return onError ? onError(error, context) : super.onError(error, context);
  }
}

export class SharedHibernatingRoom extends SharedTestRoom {
  static override options: PartyOptions = { hibernate: true };
}

/** Sends each frame as a message of its own. */
export class SharedUnbatchedRoom extends SharedTestRoom {
  static override options: PartyOptions = { hibernate: true, batch: false };
}
