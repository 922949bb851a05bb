declare namespace Cloudflare {
  interface GlobalProps {
    mainModule: typeof import("../worker/worker.ts");
  }
  interface Env {
    HIBERNATING: DurableObjectNamespace<import("../worker/log-room.ts").HibernatingLog>;
    IN_MEMORY: DurableObjectNamespace<import("../worker/log-room.ts").InMemoryLog>;
    /** From which all chance of the tests comes. */
    FAULTS_SEED: string;
    /** How often a room sleeps, and how often it is reset. */
    FAULTS_COUNT: string;
  }
}
