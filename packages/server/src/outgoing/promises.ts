import {
  type Contract,
  encodeEvent,
  isPartyError,
  isThenable,
  type Schema,
  validate,
} from "@partyflare/shared";

/** How what a room sends is held to its contract. */
export interface Promises {
  /** An event as the frame that carries it. */
  encodeEvent(name: string, data: unknown): string;
  /** What a call is answered with. */
  checkOutput(call: string, output: unknown): unknown;
}

/**
 * What a room promises in its contract.
 *
 * @param isChecked whether data is checked before it leaves. Else its types are trusted.
 */
export function promisesOf(contract: Contract, isChecked: boolean): Promises {
  if (!isChecked) return { encodeEvent, checkOutput: (_call, output) => output };
  return {
    encodeEvent(name, data) {
      check(contract.fromServer?.[name], data, `The event "${name}"`);
      return encodeEvent(name, data);
    },
    checkOutput(call, output) {
      check(contract.calls?.[call]?.output, output, `The reply to "${call}"`);
      return output;
    },
  };
}

/** Throws what is not a PartyError: a broken promise is the room's mistake, not the client's. */
function check(schema: Schema | undefined, data: unknown, what: string): void {
  if (!schema) throw new TypeError(`${what} is not in the contract.`);
  let checked: unknown;
  try {
    checked = validate(schema, data);
  } catch (error) {
    if (!isPartyError(error)) throw error;
    const issues = error.issues?.map(({ path, message }) => `${path.join(".")}: ${message}`);
    throw new TypeError(`${what} breaks the contract. ${issues?.join("; ")}`, { cause: error });
  }
  if (isThenable(checked)) {
    Promise.resolve(checked).catch(() => {});
    throw new TypeError(`${what} has an asynchronous schema, which cannot check what is sent.`);
  }
}
