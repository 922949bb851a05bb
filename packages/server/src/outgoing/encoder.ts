import type { Contract, PartyError, Schema } from "@partyflare/shared";
import {
  encodeEvent,
  isErrorCode,
  isThenable,
  partyErrorOf,
  validate,
} from "@partyflare/shared/internal";

/** Encodes events, and checks the answers of calls. */
export interface Encoder {
  /** Returns the frame of an event. */
  encodeEvent(name: string, data: unknown): string;
  /** Returns the answer of a call, checked if the encoder checks. */
  checkOutput(call: string, output: unknown): unknown;
  /** Checks the refusal of a call, if the encoder checks. */
  checkError(call: string, error: PartyError): void;
}

/**
 * Returns the encoder of a contract.
 *
 * @param isChecked whether to check data before it is sent. Otherwise its types are trusted.
 */
export function encoderOf(contract: Contract, isChecked: boolean): Encoder {
  if (!isChecked) {
    return { encodeEvent, checkOutput: (_call, output) => output, checkError: () => {} };
  }
  return {
    encodeEvent(name, data) {
      check(contract.fromServer?.[name], data, `The event "${name}"`);
      return encodeEvent(name, data);
    },
    checkOutput(call, output) {
      check(contract.calls?.[call]?.output, output, `The reply to "${call}"`);
      return output;
    },
    checkError(call, error) {
      const { code, data } = error;
      const { errors = {} } = contract.calls?.[call] ?? {};
      const schema = Object.hasOwn(errors, code) ? errors[code] : undefined;
      // Every call may be refused with the library's codes, which have no data.
      if (isErrorCode(code) && (!schema || data === undefined)) return;
      check(schema, data, `The error "${code}" of "${call}"`, error);
    },
  };
}

/**
 * Throws no PartyError: data that breaks the contract is the room's mistake, not the client's.
 *
 * @param cause shows where the app made what is not in the contract.
 */
function check(schema: Schema | undefined, data: unknown, what: string, cause?: PartyError): void {
  if (!schema) throw new TypeError(`${what} is not in the contract.`, { cause });
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
