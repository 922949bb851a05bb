import type { Contract } from "@partyflare/shared";

/** By the classes that `Party.for` made. */
const contracts = new WeakMap<object, Contract>();

/** Remembers what a class was made for. */
export function setContract(party: object, contract: Contract): void {
  contracts.set(party, contract);
}

/**
 * The contract of a party's class: that of the nearest class in its line that `Party.for` made.
 * Without one, a contract of nothing.
 *
 * @throws TypeError for a class with a `contract` of its own, which nobody would read.
 */
export function contractOf(party: object): Contract {
  for (let each: object | null = party; each; each = Object.getPrototypeOf(each) as object | null) {
    const contract = contracts.get(each);
    if (contract) return contract;
    if (Object.hasOwn(each, "contract")) {
      throw new TypeError(
        `${nameOf(each)} has a static contract, which is not read. ` +
          "Hand it to the class that it extends: `class … extends Party.for(contract)`.",
      );
    }
  }
  return {};
}

function nameOf(party: object): string {
  return (party as { name?: string }).name || "A party";
}
