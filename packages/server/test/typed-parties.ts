import { defineContract, type } from "@partyflare/shared";
import * as z from "zod";
import {
  type ConnectionOf,
  type Credential,
  type ErrorContext,
  type InvalidMessage,
  type Message,
  Party,
  type PartyOptions,
} from "../src/index";

const contract = defineContract({
  fromClient: {
    say: z.object({ text: z.string().max(10) }),
    later: z.string().refine(async (text) => {
      await scheduler.wait(1);
      return text !== "refused";
    }),
    anything: type<unknown>(),
  },
  fromServer: {
    said: z.object({ by: z.string(), text: z.string() }),
    bell: type<void>(),
    anything: type<unknown>(),
  },
  calls: {
    rename: {
      input: z.object({ name: z.string().trim().min(1) }),
      output: z.object({ name: z.string() }),
      errors: {
        name_taken: z.object({ suggestion: z.string() }),
        forbidden: z.string(),
        banned: type<{ until: string }>(),
      },
    },
    nothing: { output: type<unknown>() },
  },
  state: type<{ name: string }>(),
  tags: ["host", "guest"],
});

export type TypedConnection = ConnectionOf<typeof contract>;

/** What one room does with what it gets. */
export interface TypedScript {
  handle?: Partial<
    Record<
      "say" | "later" | "anything" | "rename" | "nothing",
      (party: TypedRoom, from: TypedConnection, data: never) => unknown
    >
  >;
  onConnect?(party: TypedRoom, connection: TypedConnection): void | Promise<void>;
  onMessage?(party: TypedRoom, connection: TypedConnection, message: Message): void | Promise<void>;
  onInvalid?(party: TypedRoom, connection: TypedConnection, invalid: InvalidMessage): void;
  onError?(party: TypedRoom, error: unknown, context: ErrorContext): void;
  onClose?(party: TypedRoom, connection: TypedConnection, code: number): void;
}

/** By room name. See `scripts` in parties.ts. */
export const typedScripts = new Map<string, TypedScript>();

export class TypedRoom extends Party.for(contract)<Cloudflare.Env> {
  readonly on = this.handle({
    say: (from, data) => this.#handled("say", from, data),
    later: (from, data) => this.#handled("later", from, data),
    anything: (from, data) => this.#handled("anything", from, data),
    rename: (from, data) => this.#handled("rename", from, data) as { name: string },
    nothing: (from, data) => this.#handled("nothing", from, data),
  });

  get #script(): TypedScript {
    return typedScripts.get(this.room) ?? {};
  }

  #handled(name: keyof NonNullable<TypedScript["handle"]>, from: TypedConnection, data: unknown) {
    return this.#script.handle?.[name]?.(this, from, data as never);
  }

  override authorize(_request: Request, { id }: Credential) {
    return { name: id };
  }

  override getConnectionTags(connection: TypedConnection): ("host" | "guest")[] {
    return connection.id.startsWith("host") ? ["host"] : ["guest"];
  }

  override onConnect(connection: TypedConnection) {
    return this.#script.onConnect?.(this, connection);
  }

  override onMessage(connection: TypedConnection, message: Message) {
    return this.#script.onMessage?.(this, connection, message);
  }

  override onInvalid(connection: TypedConnection, invalid: InvalidMessage) {
    this.#script.onInvalid?.(this, connection, invalid);
  }

  override onError(error: unknown, context: ErrorContext) {
    const { onError } = this.#script;
    return onError ? onError(this, error, context) : super.onError(error, context);
  }

  override onClose(connection: TypedConnection, code: number) {
    this.#script.onClose?.(this, connection, code);
  }
}

export class InMemoryTypedRoom extends TypedRoom {
  static override options: PartyOptions = { checkOutgoing: true };
}

export class HibernatingTypedRoom extends TypedRoom {
  static override options: PartyOptions = { hibernate: true, checkOutgoing: true };
}

/** A window that is not the default's. */
export const BATCH_WINDOW_MS = 30;

export class BatchedRoom extends TypedRoom {
  static override options: PartyOptions = { hibernate: true, batch: { windowMs: BATCH_WINDOW_MS } };
}

export class BatchedInMemoryRoom extends BatchedRoom {
  static override options: PartyOptions = { hibernate: false };
}

/** Sends each frame as a message of its own. */
export class UnbatchedRoom extends TypedRoom {
  static override options: PartyOptions = { hibernate: true, batch: false };
}
