import { normalizePartyName } from "@partyflare/shared";
import { type Binding, bindingsOf } from "../bindings";
import { stubOf } from "./stub";
import type { AI, Context, FetchLobby } from "./types";

/** The names of the Worker's bindings, where they differ from PartyKit's. */
export interface BindingNames {
  /** Default: `AI`. */
  ai?: string;
  /** Default: `ANALYTICS`. */
  analytics?: string;
  /** Default: `ASSETS`. */
  assets?: string;
  /** Bindings by PartyKit's names of indexes. Default: the same names. */
  vectorize?: Readonly<Record<string, string>>;
  /** Bindings by PartyKit's names of buckets. Default: the same names. */
  r2?: Readonly<Record<string, string>>;
  /** Bindings by PartyKit's names of namespaces. Default: the same names. */
  kv?: Readonly<Record<string, string>>;
}

/** Returns the bindings of a Worker in PartyKit's form. A binding that is missing throws in use. */
export function resourcesOf(env: object, names: BindingNames = {}): FetchLobby {
  const bound = env as Record<string, unknown>;
  const { ai = "AI", analytics = "ANALYTICS", assets = "ASSETS" } = names;
  /** Bindings of a kind by PartyKit's names. */
  const table = <Value>(
    kind: "kv" | "r2" | "vectorize",
    line: (binding: string) => string,
  ): Record<string, Value> =>
    lookup((name) => {
      const binding = names[kind]?.[name] ?? name;
      return (bound[binding] ?? absent(`${kind} ${JSON.stringify(name)}`, line(binding))) as Value;
    });
  return {
    env: bound,
    parties: partiesOf(env),
    ai: (bound[ai] ?? absent("ai", `"ai": { "binding": "${ai}" }`)) as AI,
    analytics: (bound[analytics] ??
      absent(
        "analytics",
        `"analytics_engine_datasets": [{ "binding": "${analytics}" }]`,
      )) as AnalyticsEngineDataset,
    assets: assetsOf(bound[assets], assets),
    vectorize: table("vectorize", (binding) => `"vectorize": [{ "binding": "${binding}", … }]`),
    bindings: {
      r2: table("r2", (binding) => `"r2_buckets": [{ "binding": "${binding}", … }]`),
      kv: table("kv", (binding) => `"kv_namespaces": [{ "binding": "${binding}", … }]`),
    },
  };
}

/** Returns the binding of a party; case, dashes and underscores are ignored. */
export function bindingOf(env: object, party: string): Binding | undefined {
  const bindings = bindingsOf(env);
  const wanted = normalizePartyName(party);
  return (
    bindings.get(party) ??
    [...bindings.values()].find(({ name }) => normalizePartyName(name) === wanted)
  );
}

/** Returns the error for a party that has no binding. */
export function missingBinding(party: string): Error {
  const name = party.replaceAll(/(?:^|[-_])(\w)/g, (_, letter: string) => letter.toUpperCase());
  return new Error(
    `The party ${JSON.stringify(party)} has no Durable Object binding: add ` +
      `{ "name": "${name}", "class_name": "${name}" } to \`durable_objects.bindings\` in ` +
      `wrangler.jsonc, and export the class as \`${name}\`.`,
  );
}

function partiesOf(env: object): Context["parties"] {
  const parties = Object.fromEntries(
    [...bindingsOf(env).values()].map((binding) => [binding.party, partyOf(binding)]),
  );
  return lookup((name) => {
    const binding = bindingOf(env, name);
    if (!binding) throw missingBinding(name);
    return partyOf(binding);
  }, parties);
}

function partyOf(binding: Binding): Context["parties"][string] {
  return { get: (id) => stubOf(binding, id) };
}

function assetsOf(assets: unknown, binding: string): Context["assets"] {
  return {
    async fetch(path) {
      const fetcher = (assets ??
        absent(
          "assets",
          `"assets": { "directory": "public", "binding": "${binding}" }`,
        )) as Fetcher;
      const response = await fetcher.fetch(new URL(path, "http://assets.local"));
      return response.status === 404 ? null : response;
    },
  };
}

/** An object whose missing properties are looked up by their names. */
function lookup<Value>(
  find: (name: string) => Value,
  known: Record<string, Value> = {},
): Record<string, Value> {
  return new Proxy(known, {
    get: (target, name) =>
      isOfLanguage(name) || Object.hasOwn(target, name)
        ? Reflect.get(target, name)
        : find(name as string),
  });
}

/** A binding that is missing: it throws when it is used, and not when it is passed on. */
function absent(what: string, line: string): object {
  return new Proxy(
    {},
    {
      get(_, name) {
        if (isOfLanguage(name)) return undefined;
        throw new Error(`The binding of ${what} is missing: add ${line} to wrangler.jsonc.`);
      },
    },
  );
}

/** Whether the language reads a property by itself: in an `await`, or to print the object. */
function isOfLanguage(name: string | symbol): boolean {
  return typeof name === "symbol" || name === "then" || name === "toJSON";
}
