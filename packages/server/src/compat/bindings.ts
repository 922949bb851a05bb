import { isNamespace } from "../routing/namespaces";

/** A Durable Object binding, by which clients reach rooms. */
export interface Binding {
  /** The name of the binding. */
  readonly name: string;
  /** Its name in URLs: `my-chat` for `MyChat` and `MY_CHAT`. */
  readonly party: string;
  readonly namespace: DurableObjectNamespace;
}

const cache = new WeakMap<object, ReadonlyMap<string, Binding>>();

/**
 * Returns the Durable Object bindings of a Worker by their names in URLs.
 *
 * @throws TypeError if `env` is no object.
 */
export function bindingsOf(env: unknown): ReadonlyMap<string, Binding> {
  if (typeof env !== "object" || env === null) {
    throw new TypeError(
      `The bindings are missing: pass the \`env\` of the Worker's fetch, not ${String(env)}.`,
    );
  }
  const known = cache.get(env);
  if (known) return known;
  const bindings = Object.entries(env)
    .filter((entry): entry is [string, DurableObjectNamespace] => hasRooms(entry[1]))
    .map(([name, namespace]) => ({ name, namespace, party: partyName(name) }));
  const found = new Map(bindings.map((binding) => [binding.party, binding]));
  cache.set(env, found);
  return found;
}

/** A service binding has every method, so an object that is no namespace must be a plain one. */
function hasRooms(value: unknown): value is DurableObjectNamespace {
  if (isNamespace(value)) return true;
  return (
    Object.prototype.toString.call(value) === "[object Object]" &&
    typeof Reflect.get(value as object, "idFromName") === "function"
  );
}

/** Returns the name of a binding in URLs: in lower case, with a dash before each further word. */
export function partyName(binding: string): string {
  const isUpperCase = binding === binding.toUpperCase() && binding !== binding.toLowerCase();
  // partyserver drops a dash at the end of other names only.
  if (isUpperCase) return binding.toLowerCase().replaceAll("_", "-");
  const words = binding.replaceAll(/(?!^)[A-Z]/g, "-$&");
  return words.toLowerCase().replaceAll("_", "-").replace(/-$/, "");
}
