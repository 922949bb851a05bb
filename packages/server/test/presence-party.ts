import { defineContract, type } from "@partyflare/shared";
import * as z from "zod";
import {
  type ConnectionOf,
  type ErrorContext,
  history,
  type Member,
  Party,
  type PartyOptions,
  presence,
  type PresenceOptions,
} from "../src/index";

/** What the schema does with a note, by its text. */
export const schemaHooks = new Map<string, () => unknown>();

const contract = defineContract({
  fromClient: {
    rename: type<{ name: string }>(),
    become: type<Partial<{ user: string; name: string; role: string }>>(),
    tag: type<string[]>(),
    expire: type<void>(),
    end: type<string>(),
  },
  fromServer: { said: type<string>() },
  presence: z.object({
    cursor: z.object({ x: z.number(), y: z.number() }).nullable(),
    typing: z.boolean(),
    note: z
      .string()
      .refine((note) => schemaHooks.get(note)?.() ?? true)
      .optional(),
    /** Whatever a client likes. */
    free: z.unknown().optional(),
  }),
  member: z.object({ name: z.string(), profile: z.unknown().optional() }),
  state: type<{ user: string; name: string; role: string }>(),
});

export type PresenceConnection = ConnectionOf<typeof contract>;
export type TestMember = Member<typeof contract>;

/** What one room does. What is left out has its default. */
export interface PresenceScript extends Partial<PresenceOptions<typeof contract>> {
  onConnect?(party: PresenceTestRoom, connection: PresenceConnection): void;
  onError?(error: unknown, context: ErrorContext): void;
}

/** By room name. See `scripts` in parties.ts. */
export const presenceScripts = new Map<string, PresenceScript>();

/** Its clients say in their URL who they are: `?user=…&name=…&role=…`. */
export class PresenceTestRoom extends Party.for(contract)<Cloudflare.Env> {
  readonly on = this.handle({
    rename: (from, { name }) => from.setState((state) => ({ ...state, name })),
    become: (from, changes) => from.setState((state) => ({ ...state, ...changes })),
    tag: (from, tags) => from.setTags(tags),
    expire: (from) => from.expireAt(0),
    end: (_from, id) => this.getConnection(id)?.close(4_000, "ended"),
  });

  readonly presence = this.use(presence(this.#options));

  get #script(): PresenceScript {
    return presenceScripts.get(this.room) ?? {};
  }

  get #options(): PresenceOptions<typeof contract> {
    const { onConnect: _onConnect, onError: _onError, ...options } = this.#script;
    return { who: ({ state: { user, name } }) => ({ key: user, name }), ...options };
  }

  override authorize(request: Request) {
    const { searchParams } = new URL(request.url);
    const { user = "nobody", name = user, role = "" } = Object.fromEntries(searchParams);
    return { user, name, role };
  }

  override onConnect(connection: PresenceConnection) {
    this.#script.onConnect?.(this, connection);
  }

  override onError(error: unknown, context: ErrorContext) {
    const { onError } = this.#script;
    return onError ? onError(error, context) : super.onError(error, context);
  }
}

export class PresenceHibernatingRoom extends PresenceTestRoom {
  static override options: PartyOptions = { hibernate: true };
}

const busy = defineContract({
  fromServer: { said: type<string>() },
  presence: contract.presence,
  member: contract.member,
  state: type<{ user: string; name: string; role: string }>(),
});

/** A room whose history comes before its presence, with a limit that a test can reach. */
export class PresenceHistoryRoom extends Party.for(busy)<Cloudflare.Env> {
  static override options: PartyOptions = { limits: { messagesPerSecond: 4 } };

  readonly past = this.use(history({ events: ["said"] }));
  readonly presence = this.use(
    presence<typeof busy>({
      who: ({ state: { user, name } }) => ({ key: user, name }),
      visible: ({ key }, viewer) => {
        if (viewer.state.role === "told") this.emit("said", `${key} is shown to ${viewer.id}`);
        return true;
      },
    }),
  );

  override authorize(request: Request) {
    const { searchParams } = new URL(request.url);
    const { user = "nobody", name = user, role = "" } = Object.fromEntries(searchParams);
    return { user, name, role };
  }
}
