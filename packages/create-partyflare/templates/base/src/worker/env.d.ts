/** The bindings of wrangler.jsonc. `npx wrangler types` makes such a file, too. */
declare namespace Cloudflare {
  interface Env {
    __PARTY__: DurableObjectNamespace<import("./index").__PARTY__>;
  }
}
