import { type PresenceScript, type PresenceTestRoom, schemaHooks } from "./presence-party";

export const PRESENCE_HOOKS = ["who", "list", "visible", "onJoin", "onLeave", "schema"] as const;

export type PresenceHook = (typeof PRESENCE_HOOKS)[number];

/** What a hook does. `last` is the newest connection, `first` the oldest. */
export const PRESENCE_ACTIONS: Readonly<Record<string, (party: PresenceTestRoom) => unknown>> = {
  emit: (party) => party.emit("said", "x"),
  broadcast: (party) => party.broadcast("x"),
  send: (party) => first(party)?.send("x"),
  "close the newest": (party) => party.getConnections().at(-1)?.close(),
  "close the oldest": (party) => first(party)?.close(),
  "set a state": (party) =>
    first(party)?.setState((state) => ({ ...state, name: `${state.name}!` })),
  "set another key": (party) =>
    first(party)?.setState((state) => ({ ...state, user: `${state.user}!` })),
  "set tags": (party) => first(party)?.setTags([crypto.randomUUID()]),
  "read presence": (party) => void party.presence.members.map(({ key }) => party.presence.get(key)),
  throw: () => {
    throw new Error("planned");
  },
  reject: () => Promise.reject(new Error("planned")),
  "never return": () => new Promise(() => {}),
};

function first(party: PresenceTestRoom) {
  return party.getConnections()[0];
}

/**
 * Returns the options whose hook does something each time it runs.
 *
 * @param note the schema does it for data with this note.
 */
export function hookThatDoes(hook: PresenceHook, note: string, act: () => unknown): PresenceScript {
  const then = <Result>(result: Result): Result => {
    const done = act();
    return done instanceof Promise ? (done as unknown as Result) : result;
  };
  switch (hook) {
    case "who":
      return { who: ({ state }) => then({ key: state.user, name: state.name }) };
    case "list":
      return { maxListed: 1, list: (members) => then(members) };
    case "visible":
      return { visible: () => then(true) };
    case "onJoin":
      return { onJoin: () => then(undefined) };
    case "onLeave":
      return { onLeave: () => then(undefined) };
    case "schema":
      schemaHooks.set(note, () => then(true));
      return {};
    default:
      return hook satisfies never;
  }
}
