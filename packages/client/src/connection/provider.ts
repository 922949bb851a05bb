import { failureError, silenceError } from "./status";

/**
 * A value, or a function that the client calls before each attempt to connect. The signal aborts
 * when the attempt ends: pass it to `fetch`.
 */
export type Provider<Value> = Value | ((signal: AbortSignal) => Value | Promise<Value>);

/** Returns the provider's current value. */
export function valueOf<Value>(
  provider: Provider<Value>,
  signal: AbortSignal,
): Value | Promise<Value> {
  return typeof provider === "function"
    ? (provider as (signal: AbortSignal) => Value | Promise<Value>)(signal)
    : provider;
}

/**
 * Returns the value of an option that may be a function.
 *
 * @param name the option's name, for the error's message.
 * @param signal ends the wait when it aborts.
 * @param timeoutMs the timeout that aborts the signal, for the error's message.
 * @throws PartyError `disconnected`, whose message names the option, with the function's error as
 *   its `cause`.
 * @throws PartyError `timeout`, whose message names the option, if the signal aborted first.
 */
export async function ask<Value>(
  name: string,
  provider: Provider<Value>,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<Value> {
  try {
    return await new Promise<Value>((resolve, reject) => {
      signal.addEventListener("abort", reject);
      Promise.resolve(valueOf(provider, signal)).then(resolve, reject);
    });
  } catch (cause) {
    throw signal.aborted
      ? silenceError(`The option \`${name}\` gave no answer within ${timeoutMs} ms.`)
      : failureError(cause, `The option \`${name}\` failed: `);
  }
}
