import type {
  CallName,
  CallOutput,
  ClientEventName,
  Contract,
  ReceivedEvent,
  ReceivedInput,
} from "@partyflare/shared";
import type { ConnectionOf } from "../connections/connection-of";

/**
 * A room's handlers: one for each event that clients send, and one for each call. A call's handler
 * returns the reply, or throws a `PartyError` to refuse.
 */
export type Handlers<C extends Contract> = {
  readonly [Name in ClientEventName<C>]: (
    from: ConnectionOf<C>,
    data: ReceivedEvent<C, Name>,
  ) => unknown;
} & {
  readonly [Name in CallName<C>]: (
    from: ConnectionOf<C>,
    input: ReceivedInput<C, Name>,
  ) => Reply<C, Name>;
};

/** A call that happens `once` is one transaction with its reply, so its handler is not async. */
type Reply<C extends Contract, Name extends CallName<C>> = NonNullable<C["calls"]>[Name] extends {
  readonly once: true;
}
  ? CallOutput<C, Name> | NotAsync<CallOutput<C, Name>>
  : CallOutput<C, Name> | Promise<CallOutput<C, Name>>;

/** A function type that returns `void` accepts async functions; this type does not. */
type NotAsync<Output> = void extends Output ? undefined : never;

/** A handler without its types. */
export type Handler = (from: unknown, data: unknown) => unknown;

/**
 * Checks that a party calls `handle()` only once.
 *
 * @throws TypeError if the party has handlers already.
 */
export function checkIsFirst(handlers: object): void {
  if (Object.keys(handlers).length === 0) return;
  throw new TypeError(
    "handle() was called a second time. Call it once, with the handlers of all events and calls: " +
      "`readonly on = this.handle({ … })`. A class and its base cannot both call it.",
  );
}

/** Whether a class overrides a hook. */
export type Overrides = (hook: "authorize" | "onAlarm" | "onStart") => boolean;

/** The parts of a room that are checked when it starts. */
export interface Checked {
  readonly contract: Contract;
  readonly handlers: object;
  readonly capabilities: { readonly areTimed: boolean; check(): void };
}

/**
 * Checks a party when its room starts. TypeScript cannot check a subclass for all of it.
 *
 * @throws TypeError that names the mistake and the remedy.
 */
export function checkParty({ contract, handlers, capabilities }: Checked, overrides: Overrides) {
  capabilities.check();
  checkHandlers(contract, handlers);
  if (contract.state && !overrides("authorize")) {
    throw new TypeError("A contract with `state` needs an `authorize` that returns it.");
  }
  if (capabilities.areTimed && overrides("onAlarm")) {
    throw new TypeError("A capability of this party needs the only alarm: remove its `onAlarm`.");
  }
}

/**
 * Checks that every name of the contract has a handler.
 *
 * @throws TypeError that names the missing handlers, and async handlers of calls that happen once.
 */
function checkHandlers(contract: Contract, handlers: object): void {
  const names = [...Object.keys(contract.fromClient ?? {}), ...Object.keys(contract.calls ?? {})];
  const missing = names.filter((name) => typeof ownValue(handlers, name) !== "function");
  if (missing.length > 0) throw new TypeError(`handle() has no handler for ${missing.join(", ")}.`);
  const asynchronous = Object.entries(contract.calls ?? {}).flatMap(([name, { once }]) =>
    once && isAsyncFunction(ownValue(handlers, name)) ? [name] : [],
  );
  if (asynchronous.length > 0) {
    throw new TypeError(
      `handle(): ${asynchronous.join(", ")} is \`once\`: its handler is one transaction, and may not ` +
        "be async. Start slow work with this.ctx.waitUntil().",
    );
  }
}

function isAsyncFunction(handler: unknown): boolean {
  return Object.prototype.toString.call(handler) === "[object AsyncFunction]";
}

/** Returns an own property of an object; undefined for an inherited one. */
export function ownValue<Value>(
  table: Readonly<Record<string, Value>> | object | undefined,
  name: string,
): Value | undefined {
  return table && Object.hasOwn(table, name) ? (Reflect.get(table, name) as Value) : undefined;
}
