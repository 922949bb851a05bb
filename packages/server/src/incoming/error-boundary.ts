import { isThenable } from "@partyflare/shared/internal";
import type { Connection } from "../connections/connection";
import { logError } from "../log";

/** What a party was doing when an error came up. */
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
  | "handler"
  | "send"
  | "socket";

/** Where an error came from: the second argument of `onError`. */
export interface ErrorContext {
  /** The connection it concerns, where there is one. */
  connection?: Connection;
  /**
   * The hook that threw; `handler` for one of `handle()`, `send` for a text that its socket did not
   * take and for what could not be sent after a transaction, `socket` for the socket itself.
   */
  during: During;
  /** The event or call, where a handler of the contract threw. */
  name?: string;
}

/** Hears of errors. */
export interface ErrorListener {
  onError(error: unknown, context: ErrorContext): void | Promise<void>;
}

/**
 * The one error boundary: runs a hook, and reports what it throws or rejects with.
 * Where the hook is synchronous, so is this.
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
 * Tells `onError` when the running stack has ended, and the log where `onError` itself fails. Never
 * rejects.
 */
export async function report(
  listener: ErrorListener,
  error: unknown,
  context: ErrorContext,
): Promise<void> {
  // A microtask: the stack may be in the middle of a transaction, or of a loop over connections.
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
