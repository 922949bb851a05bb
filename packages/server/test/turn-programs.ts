/** Where the library calls code of the party's. `schema` is that of an event. */
export const HOOKS = [
  "onStart",
  "authorize",
  "getConnectionTags",
  "onConnect",
  "onMessage",
  "onClose",
  "onError",
  "onInvalid",
  "event",
  "call",
  "once",
  "schema",
] as const;

/** What that code does there. `bob` is another connection, or ada where the hook is bob's own. */
export const ACTIONS = [
  "emit",
  "emit to self",
  "emit passing",
  "broadcast",
  "send",
  "close self",
  "close bob",
  "expire self",
  "expire bob",
  "find bob slow",
  "setState",
  "setTags",
  "getConnections",
  "write",
  "throw",
  "transaction",
  "transaction that is rolled back",
] as const;

export type Hook = string;
export type Action = string;

/** What a party does in its hooks, beyond what every party of these tests does. */
export type Program = Partial<Record<Hook, readonly Action[]>>;
