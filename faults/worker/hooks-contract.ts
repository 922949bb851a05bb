import { defineContract, type } from "@partyflare/shared";

/** One thing that a hook or a handler does. */
export type Step =
  /** A durable event for all; a large one fills 100,000 bytes. */
  | { do: "emit" | "emitLarge" }
  /** A durable event for the client of a connection. */
  | { do: "emitTo"; id: string }
  /** A durable event for the connections with a tag. */
  | { do: "emitTagged"; tag: "red" | "green" }
  /** A connection is closed, or found to be expired by whatever looks next. */
  | { do: "close" | "expire"; id: string }
  /** A durable event for the client of a connection, which is closed right after it. */
  | { do: "farewell"; id: string }
  | { do: "retag"; id: string; tag: "red" | "green" }
  /** A transaction of the party: it emits, closes a connection, and is rolled back. */
  | { do: "rollBack"; id: string }
  /** A transaction of the platform's own: it emits, and is rolled back. */
  | { do: "rollBackPlatform" }
  | { do: "throw" };

/** What the hooks of one connection do. */
export interface HookScript {
  readonly onConnect: readonly Step[];
  readonly onClose: readonly Step[];
  readonly onInvalid: readonly Step[];
}

/** What rooms with misbehaving hooks, and their clients, exchange. */
export const hooks = defineContract({
  fromClient: { poke: type<null>() },
  fromServer: { happened: type<{ label: string; padding?: string }>() },
  calls: {
    /** Does steps. Its label is of this call alone. */
    act: { input: type<{ label: string; steps: Step[] }>(), output: type<null>(), once: true },
  },
  tags: ["red", "green"],
  state: type<{ visit: string; who: string; script: HookScript }>(),
});
