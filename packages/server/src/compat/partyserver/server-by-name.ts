import { isNamespace } from "../../routing/namespaces";
import { type RoutingRetryOptions, withRoutingRetry } from "./retry";
import type { Server } from "./server";

/** Options of `getServerByName`. */
export interface ServerByNameOptions<Props = Record<string, unknown>> {
  /** The jurisdiction that the room must stay in. */
  jurisdiction?: DurableObjectJurisdiction;
  /** The preferred location of a room that does not exist yet. */
  locationHint?: DurableObjectLocationHint;
  /** For `onStart`, if the room starts now. */
  props?: Props;
  /** How to retry if the room does not answer. Default: up to 3 attempts. False: no retry. */
  routingRetry?: false | RoutingRetryOptions;
}

/**
 * Returns the stub of a room that has started.
 *
 * @param name as it stands in the URL: `caf%C3%A9` for a room that clients reach as `café`.
 * @throws TypeError if the namespace is missing.
 */
export async function getServerByName<
  // Code of partyserver names it as the first of three.
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters
  _Env = Cloudflare.Env,
  T extends Rpc.DurableObjectBranded = Server,
  Props extends Record<string, unknown> = Record<string, unknown>,
>(
  namespace: DurableObjectNamespace<T>,
  name: string,
  { jurisdiction, locationHint, props, routingRetry }: ServerByNameOptions<Props> = {},
): Promise<DurableObjectStub<T>> {
  if (!isNamespace(namespace) && typeof Reflect.get(Object(namespace), "get") !== "function") {
    throw new TypeError(
      `getServerByName() takes a Durable Object binding, not ${String(namespace)}: add the class to ` +
        "`durable_objects.bindings` in wrangler.jsonc.",
    );
  }
  const rooms = jurisdiction === undefined ? namespace : namespace.jurisdiction(jurisdiction);
  const id = rooms.idFromName(name);
  const stub = () => rooms.get(id, locationHint === undefined ? {} : { locationHint });
  // The types of a stub depend on the class; all servers have the method.
  const run = async () => (stub() as unknown as Named).setName(name, props);
  await withRoutingRetry({ name, run }, routingRetry);
  return stub();
}

interface Named {
  setName(name: string, props?: Record<string, unknown>): Promise<void>;
}
