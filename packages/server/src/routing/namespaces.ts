import { normalizePartyName } from "@partyflare/shared";
import { logError } from "../log";

/** The Durable Object namespaces that are parties: binding names, or a record name → namespace. */
export type Parties = readonly string[] | Readonly<Record<string, DurableObjectNamespace>>;

/**
 * Finds the namespace of a party by its name in a URL; null if there is none.
 *
 * @param env the Worker's bindings.
 * @param parties the bindings that are parties. Default: every Durable Object binding.
 * @throws Error if two party names differ only in case, dashes and underscores, or if a listed
 *   binding is not a Durable Object. Both are errors of the configuration, not of the request.
 */
export function findNamespace(
  env: object,
  party: string,
  parties: Parties | undefined,
): DurableObjectNamespace | null {
  const wanted = normalizePartyName(party);
  if (wanted === "") return null;
  const isWanted = (name: string) => normalizePartyName(name) === wanted;
  const [found, other] = candidateNamespaces(env, parties, isWanted);
  if (!found) return null;
  const [name, namespace] = found;
  if (other)
    throw new Error(`${name} and ${other[0]} are the same party name: list one in \`parties\`.`);
  if (!hasRooms(namespace)) {
    throw new Error(`${name} is listed in \`parties\`, and is no Durable Object binding.`);
  }
  return namespace;
}

/**
 * Whether a value is a Durable Object namespace. It reads the tag, which instrumentation passes on;
 * `ctx.exports` has a class of its own. Methods prove nothing, since a service binding has every
 * method.
 */
export function isNamespace(value: unknown): value is DurableObjectNamespace {
  return Object.prototype.toString.call(value).endsWith("DurableObjectNamespace]");
}

/** Lists of parties whose names have been logged. */
const logged = new Set<string>();

/** A Worker has one list, or a few. */
const MAX_LOGGED = 16;

/**
 * Logs the known parties once for each list. Any client can ask for unknown ones, so later requests
 * log nothing.
 */
export function logUnknownParty(env: object, party: string, parties: Parties | undefined): void {
  if (logged.size >= MAX_LOGGED) return;
  const names = candidateNamespaces(env, parties).map(([name]) => JSON.stringify(name));
  const where = parties === undefined ? "the bindings are" : "listed in `parties` are";
  const text = `${where} ${names.join(", ") || "none"}`;
  if (logged.has(text)) return;
  logged.add(text);
  logError(`no party ${JSON.stringify(party)}`, text);
}

/** Returns the parties whose names pass. Names come first: every request comes through here. */
function candidateNamespaces(
  env: object,
  parties: Parties | undefined,
  isWanted: (name: string) => boolean = () => true,
): [string, unknown][] {
  const holder = parties === undefined || isNameList(parties) ? env : parties;
  const names = isNameList(parties) ? parties : Object.keys(holder);
  const found = names
    .filter(isWanted)
    .map((name): [string, unknown] => [name, Reflect.get(holder, name)]);
  return parties === undefined ? found.filter(([, value]) => isNamespace(value)) : found;
}

function isNameList(parties: Parties | undefined): parties is readonly string[] {
  return Array.isArray(parties);
}

/** A weaker check than `isNamespace`, for values that the app has listed itself. */
function hasRooms(value: unknown): value is DurableObjectNamespace {
  return (
    ((typeof value === "object" && value !== null) || typeof value === "function") &&
    "idFromName" in value &&
    typeof value.idFromName === "function" &&
    "get" in value &&
    typeof value.get === "function"
  );
}
