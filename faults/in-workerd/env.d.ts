declare namespace Cloudflare {
  interface GlobalProps {
    mainModule: typeof import("./worker.ts");
  }
  interface Env {
    HIBERNATING: DurableObjectNamespace<import("../worker/log-room.ts").HibernatingLog>;
    IN_MEMORY: DurableObjectNamespace<import("../worker/log-room.ts").InMemoryLog>;
    LIMITED: DurableObjectNamespace<import("../worker/log-room.ts").LimitedLog>;
    DEPLOYED: DurableObjectNamespace;
    /** From which all chance of the tests comes. */
    FAULTS_SEED: string;
    /** How often a room sleeps, and how often it is reset. */
    FAULTS_COUNT: string;
  }
}

/** See `harness/builds.ts`. */
declare module "build:one" {
  export const Deployed: typeof import("./build-one.ts").Deployed;
  export const Party: typeof import("partyflare").Party;
}

/** See `harness/builds.ts`. */
declare module "build:two" {
  export const Deployed: typeof import("./build-two.ts").Deployed;
  export const Party: typeof import("partyflare").Party;
}

/** See `harness/builds.ts`. */
declare module "build:unable" {
  export const Deployed: typeof import("./build-two.ts").Deployed;
  export const Party: typeof import("partyflare").Party;
}
