declare namespace Cloudflare {
  interface GlobalProps {
    mainModule: typeof import("./worker");
  }
  interface Env {
    IN_MEMORY: DurableObjectNamespace<import("./parties").InMemoryRoom>;
    HIBERNATING: DurableObjectNamespace<import("./parties").HibernatingRoom>;
    BARE: DurableObjectNamespace<import("./parties").BareRoom>;
    OTHER: DurableObjectNamespace<import("./worker").NotAParty>;
    SERVICE: Fetcher;
    KV: KVNamespace;
    TEXT: string;
  }
}
