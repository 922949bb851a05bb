import { isThenable } from "@partyflare/shared/internal";
import type { Connection } from "../connections/connection";
import { logError } from "../log";

/** The hook or step in which an error occurred. */
export type During =
  | "onStart"
  | "authorize"
  | "getConnectionTags"
  | "onConnect"
  | "onMessage"
  | "onClose"
  | "onRequest"
  | "onAlarm"
  | "onInvalid"
  | "capability"
  | "handler"
  | "send"
  | "socket";

/** The source of an error: the second argument of `onError`. */
export interface ErrorContext {
  /** The connection of the error, if there is one. */
  connection?: Connection;
  /**
   * The hook that threw. `handler` is a handler of `handle()`. `capability` is a capability, or a
   * function that was passed to it, such as `who` of `presence()`. `socket` is the socket itself.
   * `send` is a text that the socket refused, or a message that could not be sent after a
   * transaction.
   */
  during: During;
  /** The event or call, if a handler of the contract threw; the name of a capability. */
  name?: string;
}

/** A listener for errors. */
export interface ErrorListener {
  onError(error: unknown, context: ErrorContext): void | Promise<void>;
}

/**
 * The error boundary. It runs a hook, and reports an error that the hook throws or rejects with. It
 * is synchronous if the hook is.
 */
export function errorBoundary(
  listener: ErrorListener,
  context: ErrorContext,
  hook: () => unknown,
): void | Promise<void> {
  try {
    const result = hook();
    if (isThenable(result)) return boundaryOf(listener, context, result);
  } catch (error) {
    return report(listener, error, context);
  }
}

/**
 * Calls `onError` after the running stack has ended. If `onError` fails too, it writes to the log.
 * It never rejects.
 */
export async function report(
  listener: ErrorListener,
  error: unknown,
  context: ErrorContext,
): Promise<void> {
  // A microtask: the stack may be in a transaction, or in a loop over connections.
  await Promise.resolve();
  try {
    await listener.onError(error, context);
  } catch (failure) {
    logError(context.during, error);
    logError("onError", failure);
  }
}

async function boundaryOf(
  listener: ErrorListener,
  context: ErrorContext,
  result: PromiseLike<unknown>,
): Promise<void> {
  try {
    await result;
  } catch (error) {
    await report(listener, error, context);
  }
}
