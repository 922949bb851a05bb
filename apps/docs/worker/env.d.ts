declare namespace Cloudflare {
  /** What wrangler.jsonc binds. */
  interface Env {
    Live: DurableObjectNamespace<import("./live").Live>;
  }
}
