import { PartyError } from "@partyflare/shared";

/** A value, or a function that is asked for it anew before every attempt to connect. */
export type Provider<Value> = Value | (() => Value | Promise<Value>);

/** Its value now. */
export function valueOf<Value>(provider: Provider<Value>): Value | Promise<Value> {
  return typeof provider === "function" ? (provider as () => Value | Promise<Value>)() : provider;
}

/**
 * The value of an option that may be a function.
 *
 * @param name the option's, for the error's message.
 * @throws PartyError `disconnected` that names the option, with what the function threw as its
 *   `cause`.
 * @throws PartyError `timeout` that names the option, when no answer came within `timeoutMs`.
 */
export async function ask<Value>(
  name: string,
  provider: Provider<Value>,
  timeoutMs: number,
): Promise<Value> {
  if (typeof provider !== "function") return provider;
  const question = provider as () => Value | Promise<Value>;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    const message = `The option \`${name}\` gave no answer within ${timeoutMs} ms.`;
    timer = setTimeout(() => reject(new PartyError("timeout", { message })), timeoutMs);
  });
  try {
    return await Promise.race([answerOf(name, question), silence]);
  } finally {
    clearTimeout(timer);
  }
}

async function answerOf<Value>(
  name: string,
  question: () => Value | Promise<Value>,
): Promise<Value> {
  try {
    return await question();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `The option \`${name}\` failed: ${reason}`;
    throw new PartyError("disconnected", { message, cause: error });
  }
}
