import { normalizePartyName } from "@partyflare/shared";

/** Which Durable Object namespaces are parties: binding names, or a record name → namespace. */
export type Parties = readonly string[] | Readonly<Record<string, DurableObjectNamespace>>;

/**
 * The namespace of a party's name as it stands in a URL; null where there is none.
 *
 * @param env the Worker's bindings.
 * @param parties which of them are parties. Default: every Durable Object binding.
 * @throws Error when two parties have the same name but for case, dashes and underscores, or a
 *   listed one is no Durable Object binding: mistakes of the configuration, not of the request.
 */
export function findNamespace(
  env: object,
  party: string,
  parties: Parties | undefined,
): DurableObjectNamespace | null {
  const wanted = normalizePartyName(party);
  const candidates = candidateNamespaces(env, parties).filter(
    ([name]) => normalizePartyName(name) === wanted,
  );
  if (wanted === "" || candidates.length === 0) return null;
  const [[name, namespace] = ["", undefined], other] = candidates;
  if (other)
    throw new Error(`${name} and ${other[0]} are one party by name: list one in \`parties\`.`);
  if (!isNamespace(namespace)) {
    throw new Error(`${name} is listed in \`parties\`, and is no Durable Object binding.`);
  }
  return namespace;
}

function candidateNamespaces(env: object, parties: Parties | undefined): [string, unknown][] {
  if (parties === undefined) return Object.entries(env).filter(([, value]) => isNamespace(value));
  if (!isNameList(parties)) return Object.entries(parties);
  return parties.map((name) => [
    name,
    Object.hasOwn(env, name) ? Reflect.get(env, name) : undefined,
  ]);
}

function isNameList(parties: Parties): parties is readonly string[] {
  return Array.isArray(parties);
}

/**
 * By its class and not by its methods: a service binding answers to any method's name, `idFromName`
 * too, since each may be one of the RPC methods behind it.
 */
function isNamespace(value: unknown): value is DurableObjectNamespace {
  return (
    typeof value === "object" &&
    value !== null &&
    value.constructor.name === "DurableObjectNamespace"
  );
}
