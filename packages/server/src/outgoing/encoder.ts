import type { Contract, Schema } from "@partyflare/shared";
import { encodeEvent, isThenable, partyErrorOf, validate } from "@partyflare/shared/internal";

/** Encodes events and checks replies. */
export interface Encoder {
  /** Returns the frame of an event. */
  encodeEvent(name: string, data: unknown): string;
  /** Returns the answer of a call, checked if the encoder checks. */
  checkOutput(call: string, output: unknown): unknown;
}

/**
 * Returns the encoder of a contract.
 *
 * @param isChecked whether to check data before it is sent. Otherwise its types are trusted.
 */
export function encoderOf(contract: Contract, isChecked: boolean): Encoder {
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

/** Throws no PartyError: data that breaks the contract is the room's mistake, not the client's. */
function check(schema: Schema | undefined, data: unknown, what: string): void {
  if (!schema) throw new TypeError(`${what} is not in the contract.`);
  let checked: unknown;
  try {
    checked = validate(schema, data);
  } catch (error) {
    const refused = partyErrorOf(error);
    if (!refused) throw error;
    const issues = refused.issues?.map(({ path, message }) => `${path.join(".")}: ${message}`);
    throw new TypeError(`${what} breaks the contract. ${issues?.join("; ")}`, { cause: error });
  }
  if (!isThenable(checked)) return;
  checked.then(undefined, () => {});
  throw new TypeError(`${what} has an async schema, which cannot check outgoing data.`);
}
