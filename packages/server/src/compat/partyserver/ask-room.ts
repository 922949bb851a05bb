import { passOn } from "../../refusal";
import { withRoomName } from "../../routing/room-name";
import type { Binding } from "../bindings";
import {
  encodeProps,
  JURISDICTION_HEADER,
  NAME_HEADER,
  NAMESPACE_HEADER,
  PROPS_HEADER,
} from "./props";
import { type RoutingRetryOptions, withRoutingRetry } from "./retry";

/** The options of a router that decide how a room is asked. */
interface AskOptions {
  readonly jurisdiction?: DurableObjectJurisdiction;
  readonly locationHint?: DurableObjectLocationHint;
  readonly props?: unknown;
  readonly routingRetry?: false | RoutingRetryOptions;
}

/** Asks a room of a binding. It throws the error of a room that does not answer. */
export async function askRoom(
  request: Request,
  { namespace, name: className }: Binding,
  name: string,
  { jurisdiction, locationHint, props, routingRetry }: AskOptions,
): Promise<Response> {
  const named = withRoomName(request, name);
  named.headers.set(NAME_HEADER, name);
  if (props !== undefined) named.headers.set(PROPS_HEADER, encodeProps(props));
  const rooms = jurisdiction === undefined ? namespace : namespace.jurisdiction(jurisdiction);
  const id = rooms.idFromName(name);
  const options = locationHint === undefined ? {} : { locationHint };
  const run = () => rooms.get(id, options).fetch(named.clone());
  const operation = { name, className, method: named.method, run };
  return passOn(named, await withRoutingRetry(operation, routingRetry));
}

/** Returns the request with the party's name. A client cannot send the headers of the router. */
export function labelled(
  request: Request,
  { party }: Binding,
  { jurisdiction }: Pick<AskOptions, "jurisdiction"> = {},
): Request {
  const asked = new Request(request);
  for (const header of [JURISDICTION_HEADER, PROPS_HEADER]) asked.headers.delete(header);
  asked.headers.set(NAMESPACE_HEADER, party);
  if (jurisdiction !== undefined) asked.headers.set(JURISDICTION_HEADER, jurisdiction);
  return asked;
}
