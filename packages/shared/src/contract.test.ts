import { type as arktype } from "arktype";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import * as z from "zod";
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

  it.each([
    ["zod", z.string()],
    ["valibot", v.string()],
    ["arktype", arktype("string")],
    ["type<T>()", text],
  ])("takes schemas of %s", (_name, schema) => {
    const definition = { input: schema, output: schema, errors: { taken: schema } };
    const contract = { fromServer: { said: schema }, calls: { ask: definition }, state: schema };
    expect(define(contract)).not.toThrow();
  });

  it("may leave out what a call is given", () => {
    expect(define({ calls: { count: { output: text } } })).not.toThrow();
  });

  it("may leave out a table by naming it undefined", () => {
    expect(define({ fromClient: undefined, calls: undefined, tags: undefined })).not.toThrow();
  });

  /** As zod 3.22 makes them: without `~standard`. */
  const oldZod = { _def: { typeName: "ZodString" }, parse() {}, safeParse() {} };

  it.each([
    ["fromClient.say", "zod has them from 3.24 on", { fromClient: { say: oldZod } }],
    ["fromServer.said", "JSON Schema", { fromServer: { said: { type: "string" } } }],
    ["fromServer.said", "JSON Schema", { fromServer: { said: { $ref: "#/said" } } }],
    ["fromServer.said", "It is undefined", { fromServer: { said: undefined } }],
    ["fromServer.said", "type<string>()", { fromServer: { said: String } }],
    ["fromServer.said", "type<T>()", { fromServer: { said: "string" } }],
    ["fromServer.said", "type<T>()", { fromServer: { said: null } }],
    ["fromServer.said", "type<T>()", { fromServer: { said: {} } }],
    ["fromServer.said", "type<T>()", { fromServer: { said: { "~standard": { version: 1 } } } }],
    ["calls.ask.input", "type<string>()", { calls: { ask: { input: String, output: text } } }],
    ["calls.ask.input", "It is undefined", { calls: { ask: { input: undefined, output: text } } }],
    ["calls.ask.output", "It is undefined", { calls: { ask: { output: undefined } } }],
    [
      "calls.ask.errors.taken",
      "no Standard Schema",
      { calls: { ask: { ...call, errors: { taken: 1 } } } },
    ],
    ["calls.ask.errors", "schemas by name", { calls: { ask: { ...call, errors: ["taken"] } } }],
    ["calls.ask.once", "true or false", { calls: { ask: { ...call, once: "yes" } } }],
    ["calls.ask", "no output", { calls: { ask: { input: text } } }],
    ["calls.ask", 'no key "ouput"', { calls: { ask: { input: text, ouput: text } } }],
    ["calls.ask", "object with an output", { calls: { ask: text } }],
    ["calls.ask", "object with an output", { calls: { ask: undefined } }],
    ["calls", "calls by name", { calls: [] }],
    ["fromClient", "schemas by name", { fromClient: text }],
    ["state", "no Standard Schema", { state: {} }],
    ["tags", "list of texts", { tags: "host" }],
    ["tags", "list of texts", { tags: ["host", 1] }],
    ["A contract", 'no key "events"', { events: {} }],
    ["A contract", "is an object", undefined],
    ["A contract", "is an object", []],
  ])("is refused with the entry %s and a remedy: %s", (entry, remedy, contract) => {
    const refused = define(contract as Contract);
    expect(refused).toThrow(TypeError);
    expect(refused).toThrow(`defineContract: ${entry} `);
    expect(refused).toThrow(remedy);
  });
});
