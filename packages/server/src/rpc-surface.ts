/**
 * The names of `Party` that stubs may use: they call the first three, and read `room`. The platform
 * calls the others, and refuses them to stubs.
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

/** Returns the methods of a prototype that stubs may not call: all that are not listed above. */
export function hiddenMethods(prototype: object): readonly string[] {
  return Object.getOwnPropertyNames(prototype).filter((name) => !REACHABLE.has(name));
}

/**
 * Copies inherited methods onto an instance, overridden ones included. The platform exposes
 * prototype methods to stubs, and refuses own properties of an instance.
 */
export function hideFromRpc(instance: object, methods: readonly string[]): void {
  for (const method of methods) {
    const value: unknown = Reflect.get(instance, method);
    Object.defineProperty(instance, method, { value, writable: true, configurable: true });
  }
}
