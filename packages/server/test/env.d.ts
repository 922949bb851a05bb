declare namespace Cloudflare {
  interface GlobalProps {
    mainModule: typeof import("./worker");
  }
  interface Env {
    IN_MEMORY: DurableObjectNamespace<import("./parties").InMemoryRoom>;
    HIBERNATING: DurableObjectNamespace<import("./parties").HibernatingRoom>;
    IN_MEMORY_TYPED: DurableObjectNamespace<import("./typed-parties").InMemoryTypedRoom>;
    HIBERNATING_TYPED: DurableObjectNamespace<import("./typed-parties").HibernatingTypedRoom>;
    BATCHED: DurableObjectNamespace<import("./typed-parties").BatchedRoom>;
    BATCHED_IN_MEMORY: DurableObjectNamespace<import("./typed-parties").BatchedInMemoryRoom>;
    UNBATCHED: DurableObjectNamespace<import("./typed-parties").UnbatchedRoom>;
    HIBERNATING_DURABLE: DurableObjectNamespace<import("./durable-party").DurableRoom>;
    IN_MEMORY_DURABLE: DurableObjectNamespace<import("./durable-party").DurableInMemoryRoom>;
    PRESENCE: DurableObjectNamespace<import("./presence-party").PresenceHibernatingRoom>;
    PRESENCE_HISTORY: DurableObjectNamespace<import("./presence-party").PresenceHistoryRoom>;
    PRESENCE_IN_MEMORY: DurableObjectNamespace<import("./presence-party").PresenceTestRoom>;
    SHARED: DurableObjectNamespace<import("./shared-party").SharedHibernatingRoom>;
    SHARED_IN_MEMORY: DurableObjectNamespace<import("./shared-party").SharedTestRoom>;
    SHARED_UNBATCHED: DurableObjectNamespace<import("./shared-party").SharedUnbatchedRoom>;
    STRICT: DurableObjectNamespace<import("./parties").StrictRoom>;
    STRICT_IN_MEMORY: DurableObjectNamespace<import("./parties").StrictInMemoryRoom>;
    IMPATIENT: DurableObjectNamespace<import("./parties").ImpatientRoom>;
    BARE: DurableObjectNamespace<import("./parties").BareRoom>;
    KV_HISTORY: DurableObjectNamespace<import("./kv-parties").KvHistoryRoom>;
    KV_ONCE: DurableObjectNamespace<import("./kv-parties").KvOnceRoom>;
    KV_PLAIN: DurableObjectNamespace<import("./kv-parties").KvPlainRoom>;
    KV_TIMED: DurableObjectNamespace<import("./kv-parties").KvTimedRoom>;
    HIBERNATING_SEAM: DurableObjectNamespace<import("./seam-party").SeamRoom>;
    IN_MEMORY_SEAM: DurableObjectNamespace<import("./seam-party").SeamInMemoryRoom>;
    SEAM_ALARM: DurableObjectNamespace<import("./seam-party").SeamAlarmRoom>;
    KIT: DurableObjectNamespace<import("./kit-party").KitRoom>;
    KIT_IN_MEMORY: DurableObjectNamespace<import("./kit-party").KitInMemoryRoom>;
    KIT_UNBATCHED: DurableObjectNamespace<import("./kit-party").KitUnbatchedRoom>;
    OTHER: DurableObjectNamespace<import("./worker").NotAParty>;
    SERVICE: Fetcher;
    KV: KVNamespace;
    TEXT: string;
  }
}
