/** The keys of a contract. */
const KEYS = ["fromClient", "fromServer", "calls", "state", "presence", "member", "shared", "tags"];

const CALL_KEYS = ["input", "output", "errors", "once"];

/**
 * Checks at run time what TypeScript checks too. It is for contracts in JavaScript, contracts that
 * are built at run time, and values with wrong types.
 *
 * @throws TypeError that names the entry and the fix.
 */
export function checkContract(contract: unknown): void {
  if (!isTable(contract))
    throw mistake("A contract", "is an object: { fromClient, fromServer, … }");
  checkKeys("A contract", contract, KEYS);
  const { fromClient, fromServer, calls, tags } = contract;
  const events = [...namesOf(fromClient), ...namesOf(fromServer)];
  for (const name of [...events, ...namesOf(calls)]) checkName(name);
  const both = namesOf(calls).find((name) => events.includes(name));
  if (both !== undefined) throw mistake(`"${both}"`, "is both an event and a call: rename one");
  checkSchemas("fromClient", fromClient);
  checkSchemas("fromServer", fromServer);
  checkCalls(calls);
  for (const key of ["state", "presence", "member", "shared"]) {
    if (contract[key] !== undefined) checkSchema(key, contract[key]);
  }
  if (tags !== undefined && !isListOfText(tags)) {
    throw mistake("tags", 'is a list of texts: ["host", "guest"]');
  }
}

function checkCalls(calls: unknown): void {
  if (calls === undefined) return;
  if (!isTable(calls) || isSchema(calls)) {
    throw mistake("calls", "has calls by name: { rename: { input: schema, output: schema } }");
  }
  for (const [name, call] of Object.entries(calls)) {
    const where = `calls.${name}`;
    if (!isTable(call) || isSchema(call)) {
      throw mistake(where, "is an object with an output: { input: schema, output: schema }");
    }
    checkKeys(where, call, CALL_KEYS);
    if (!Object.hasOwn(call, "output")) {
      throw mistake(where, "has no output. If it answers nothing, add `output: type<void>()`");
    }
    checkSchema(`${where}.output`, call["output"]);
    if (Object.hasOwn(call, "input")) checkSchema(`${where}.input`, call["input"]);
    checkSchemas(`${where}.errors`, call["errors"]);
    const { once } = call;
    if (once !== undefined && typeof once !== "boolean") {
      throw mistake(`${where}.once`, "is true or false");
    }
  }
}

function checkSchemas(where: string, table: unknown): void {
  if (table === undefined) return;
  if (!isTable(table) || isSchema(table))
    throw mistake(where, "has schemas by name: { name: schema }");
  for (const [name, schema] of Object.entries(table)) checkSchema(`${where}.${name}`, schema);
}

function checkSchema(where: string, value: unknown): void {
  if (!isSchema(value)) throw mistake(where, `is no Standard Schema. ${remedyFor(value)}`);
}

function checkName(name: string): void {
  if (name.startsWith("$"))
    throw mistake(`"${name}"`, "begins with $, which is reserved: rename it");
  if (name in Object.prototype) {
    throw mistake(`"${name}"`, "is a property of every object: rename it");
  }
}

function checkKeys(where: string, table: object, keys: readonly string[]): void {
  const unknown = Object.keys(table).find((key) => !keys.includes(key));
  if (unknown === undefined) return;
  throw mistake(where, `has no key "${unknown}". Its keys are ${keys.join(", ")}`);
}

/** Suggests a fix for the most likely mistake. */
function remedyFor(value: unknown): string {
  if (value === undefined) {
    return "It is undefined: check its import, also for a circular one";
  }
  if (typeof value === "function") {
    return "For a type without validation, write type<string>(): the type is between < and >";
  }
  if (!isTable(value)) return "Use zod, valibot, arktype, or type<T>() without validation";
  if ("_def" in value || "safeParse" in value) {
    return "zod has them from 3.24 on: `npm install zod@latest`";
  }
  if (["$schema", "type", "properties", "anyOf", "$ref"].some((key) => Object.hasOwn(value, key))) {
    return "It looks like JSON Schema: write it in zod, valibot or arktype, or wrap its validator as docs/guide/contracts.md shows";
  }
  return "Use zod (3.24 or newer), valibot, arktype, or type<T>() without validation";
}

/** Also true for functions: the schemas of arktype are functions. */
function isSchema(value: unknown): boolean {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return false;
  const standard: unknown = Reflect.get(value, "~standard");
  return (
    isTable(standard) && standard["version"] === 1 && typeof standard["validate"] === "function"
  );
}

function isListOfText(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function namesOf(table: unknown): string[] {
  return isTable(table) ? Object.keys(table) : [];
}

function mistake(where: string, what: string): TypeError {
  return new TypeError(`defineContract: ${where} ${what}.`);
}
