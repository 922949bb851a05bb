import { LOOPBACK } from "./free-port.ts";

/** The newest date that every workerd in use supports. */
const COMPATIBILITY_DATE = "2026-08-01";

/** A Worker with Durable Objects, for `workerd serve`. */
export interface WorkerdConfig {
  /** The port on 127.0.0.1. */
  readonly port: number;
  /** The path of the Worker's module, from the folder of the configuration. */
  readonly module: string;
  /** An existing folder for the objects' storage. */
  readonly disk: string;
  /** The Durable Object classes, by the names of their bindings. */
  readonly classes: Readonly<Record<string, string>>;
  /** The Worker's text bindings, by name. */
  readonly texts?: Readonly<Record<string, string>>;
  /** Flags of V8: `--expose-gc`. */
  readonly v8Flags?: readonly string[];
  /** Compatibility flags of the Worker. */
  readonly compatibilityFlags?: readonly string[];
}

/** Returns the configuration as Cap'n Proto text. */
export function workerdConfig({
  port,
  module,
  disk,
  classes,
  texts = {},
  v8Flags = [],
  compatibilityFlags = [],
}: WorkerdConfig): string {
  const bindings = [
    ...Object.entries(texts).map(([name, text]) => `(name = "${name}", text = "${text}")`),
    ...Object.entries(classes).map(
      ([name, className]) => `(name = "${name}", durableObjectNamespace = "${className}")`,
    ),
  ];
  const namespaces = Object.values(classes).map(
    (className) => `(className = "${className}", uniqueKey = "${className}", enableSql = true)`,
  );
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  v8Flags = ${JSON.stringify(v8Flags)},
  services = [
    (name = "worker", worker = .worker),
    (name = "disk", disk = (path = ${JSON.stringify(disk)}, writable = true)),
  ],
  sockets = [(name = "http", address = "${LOOPBACK}:${port}", http = (), service = "worker")],
);

const worker :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed ${JSON.stringify(module)})],
  compatibilityDate = "${COMPATIBILITY_DATE}",
  compatibilityFlags = ${JSON.stringify(compatibilityFlags)},
  bindings = [
    ${bindings.join(",\n    ")},
  ],
  durableObjectNamespaces = [
    ${namespaces.join(",\n    ")},
  ],
  durableObjectStorage = (localDisk = "disk"),
);
`;
}
