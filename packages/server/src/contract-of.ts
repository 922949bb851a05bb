import type { Contract } from "@partyflare/shared";

/** Contracts by the classes that `Party.for` created. */
const contracts = new WeakMap<object, Contract>();

/** Stores the contract of a class. */
export function setContract(party: object, contract: Contract): void {
  contracts.set(party, contract);
}

/**
 * Returns the contract of a party's class: that of the nearest ancestor that `Party.for` created.
 * Without one, an empty contract.
 *
 * @throws TypeError if a class has a `contract` of its own: nothing would read it.
 */
export function contractOf(party: object): Contract {
  for (let each: object | null = party; each; each = Object.getPrototypeOf(each) as object | null) {
    const contract = contracts.get(each);
    if (contract) return contract;
    if (Object.hasOwn(each, "contract")) {
      throw new TypeError(
        `${nameOf(each)} has a static contract, which is not read. ` +
          "Pass it to Party.for: `class … extends Party.for(contract)`.",
      );
    }
  }
  return {};
}

function nameOf(party: object): string {
  return (party as { name?: string }).name || "A party";
}
