/**
 * The names of `Party` that a stub may use: it calls the first three, and reads `room`. The
 * platform calls the others, and refuses them to stubs.
 */
const REACHABLE: ReadonlySet<string> = new Set([
  "broadcast",
  "emit",
  "fetch",
  "room",
  "alarm",
  "webSocketClose",
  "webSocketError",
  "webSocketMessage",
  "constructor",
]);

/** The methods of a prototype that no stub may call: all but those that are listed above. */
export function hiddenMethods(prototype: object): readonly string[] {
  return Object.getOwnPropertyNames(prototype).filter((name) => !REACHABLE.has(name));
}

/**
 * Makes methods that an object inherits its own, overridden ones as they are. The platform gives
 * stubs what the prototypes have, and refuses what an instance has itself.
 */
export function hideFromRpc(instance: object, methods: readonly string[]): void {
  for (const method of methods) {
    const value: unknown = Reflect.get(instance, method);
    Object.defineProperty(instance, method, { value, writable: true, configurable: true });
  }
}
