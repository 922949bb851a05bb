import type { Note } from "./note";
import type { PartyKitConfig } from "./partykit-config";

/** The other Cloudflare products that a project uses. */
export interface Resources {
  /** Fields of wrangler's configuration. */
  readonly config: Readonly<Record<string, unknown>>;
  /** The bindings that had to be renamed, by kind: option `bindings` of `fromPartyKit`. */
  readonly renamed: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** Returns the other Cloudflare products, bound by the names that `fromPartyKit` looks for. */
export function resourcesOf(partykit: PartyKitConfig, notes: Note[]): Resources {
  const renamed: Record<string, Record<string, string>> = {};
  const { ai, analytics, bindings, domain, logpush, placement, tailConsumers, vectorize } =
    partykit;
  if (typeof ai === "object") {
    notes.push({
      field: "ai",
      reason: "Its account and token belong to PartyKit's own platform.",
      remedy: "The binding AI uses your account instead: leave them out.",
    });
  }
  if (domain !== undefined) {
    notes.push({
      field: "domain",
      reason: "A Worker's domain has to be a zone of your Cloudflare account.",
      remedy: `Move the zone of ${domain} there, or delete "routes" from wrangler.jsonc.`,
    });
  }
  const list = <Target>(
    kind: string,
    named: Readonly<Record<string, Target>> | undefined,
    entry: (target: Target) => object,
  ) =>
    named &&
    Object.entries(named).map(([name, target]) => ({
      binding: bindingOf(kind, name, renamed),
      ...entry(target),
    }));
  const config = {
    ai: ai && { binding: "AI" },
    analytics_engine_datasets: analytics && [{ binding: "ANALYTICS", dataset: analytics }],
    vectorize: list("vectorize", vectorize, (index) => ({
      index_name: typeof index === "string" ? index : index.index_name,
    })),
    r2_buckets: list("r2", bindings?.r2, (bucket) => ({ bucket_name: bucket })),
    kv_namespaces: list("kv", bindings?.kv, (id) => ({ id })),
    routes: domain && [{ pattern: domain, custom_domain: true }],
    logpush,
    tail_consumers: tailConsumers?.map((service) => ({ service })),
    placement,
  };
  return { config, renamed };
}

/** A binding's name is that of a variable. */
function bindingOf(
  kind: string,
  name: string,
  renamed: Record<string, Record<string, string>>,
): string {
  const valid = name.replaceAll(/\W/g, "_").replace(/^\d/, "_$&");
  if (valid !== name) (renamed[kind] ??= {})[name] = valid;
  return valid;
}
