/** The bindings of wrangler.jsonc. `npx wrangler types` makes such a file, too. */
declare namespace Cloudflare {
  interface Env {
    PARTY_CLASS: DurableObjectNamespace<import("./index").PARTY_CLASS>;
  }
}
