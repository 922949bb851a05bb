import { isThenable } from "@partyflare/shared/internal";

/** A number among the options of a capability: a whole one, with its default and its bounds. */
interface NumberOption {
  readonly value: number;
  readonly least: number;
  readonly most: number;
}

/** The names of a capability's options, by what they take. */
interface OptionNames<Functions extends string, Numbers extends string> {
  readonly functions: readonly Functions[];
  readonly numbers: Readonly<Record<Numbers, NumberOption>>;
  /** The options that the capability checks itself. */
  readonly others?: readonly string[];
}

/**
 * Checks the options of a capability, and returns its numbers with defaults filled in.
 *
 * @param capability the name of its function, for the error.
 * @throws TypeError for an unknown option, and for one that is no function. RangeError for a number
 *   that is not whole, or out of bounds.
 */
export function checkOptions<Functions extends string, Numbers extends string>(
  capability: string,
  options: object,
  { functions, numbers, others = [] }: OptionNames<Functions, Numbers>,
): Record<Numbers, number> {
  const names: readonly string[] = [...others, ...functions, ...Object.keys(numbers)];
  const given = options as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new TypeError(`${capability}({ ${unknown} }): the options are ${names.join(", ")}.`);
  }
  for (const name of functions) {
    if (given[name] === undefined || typeof given[name] === "function") continue;
    throw new TypeError(`${capability}({ ${name} }) is a function, not ${typeof given[name]}.`);
  }
  const checked = Object.entries<NumberOption>(numbers).map(([name, { value, least, most }]) => {
    const number = (given[name] ?? value) as number;
    if (Number.isSafeInteger(number) && number >= least && number <= most) return [name, number];
    const rule = `a whole number from ${least} to ${most}`;
    throw new RangeError(`${capability}({ ${name} }) is ${rule}, not ${String(number)}.`);
  });
  return Object.fromEntries(checked) as Record<Numbers, number>;
}

/**
 * Returns the result of an option's function, which has to be synchronous.
 *
 * @param option the option, as an app writes it: `presence({ who })`.
 * @throws TypeError if the result is a promise.
 */
export function synchronous(option: string, result: unknown): unknown {
  if (!isThenable(result)) return result;
  // Its own error would have no handler.
  Promise.resolve(result).catch(() => {});
  const remedy = "Load what it needs in authorize(), into the state.";
  throw new TypeError(`${option} returned a promise, and is synchronous. ${remedy}`);
}
