import { describe, expect, it } from "vitest";
import { type Contract, defineContract, type } from "./contract";

const text = type<string>();
const call = { input: text, output: text };

/** Without the types' help, as from JavaScript. */
const define = (contract: Contract) => () => defineContract(contract as never);

describe("a contract", () => {
  it("is given back as it was", () => {
    const contract = { fromClient: { say: text }, calls: { ask: call }, tags: ["host"] } as const;
    expect(defineContract(contract)).toBe(contract);
  });

  it("may have an event of one name both ways", () => {
    expect(define({ fromClient: { cursor: text }, fromServer: { cursor: text } })).not.toThrow();
  });

  it.each([
    ["begins with $", { fromClient: { $say: text } }],
    ["begins with $", { calls: { $ask: call } }],
    ["property of every object", { fromServer: { constructor: text } }],
    ["property of every object", { calls: { hasOwnProperty: call } }],
    ["property of every object", { fromClient: JSON.parse('{"__proto__":{}}') }],
    ["both an event and a call", { fromClient: { say: text }, calls: { say: call } }],
    ["both an event and a call", { fromServer: { say: text }, calls: { say: call } }],
  ] as [string, Contract][])("is refused where a name %s: %j", (why, contract) => {
    expect(define(contract)).toThrow(why);
  });
});
