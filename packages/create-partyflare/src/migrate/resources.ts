import type { Note } from "./note";
import type { PartyKitConfig } from "./partykit-config";

/** Returns the other Cloudflare products that a project uses, under the names of `fromPartyKit`. */
export function resourcesOf(partykit: PartyKitConfig, notes: Note[]): Record<string, unknown> {
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
      binding: bindingOf(kind, name, notes),
      ...entry(target),
    }));
  return {
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
}

/** A binding's name is that of a variable. */
function bindingOf(kind: string, name: string, notes: Note[]): string {
  const valid = name.replaceAll(/\W/g, "_").replace(/^\d/, "_$&");
  if (valid !== name) {
    const option = `bindings: { ${kind}: { ${JSON.stringify(name)}: "${valid}" } }`;
    notes.push({
      field: kind === "vectorize" ? `vectorize.${name}` : `bindings.${kind}.${name}`,
      reason: `"${name}" cannot be the name of a binding. It is "${valid}" now.`,
      remedy: `Pass "${option}" to fromPartyKit and fetchPartyKit.`,
    });
  }
  return valid;
}
