import { parseRoomPath, PartyError, type RoomAddress, MAX_URL_BYTES } from "@partyflare/shared";
import { logError } from "../log";
import { isUpgrade, refuse, refuseUrl } from "../refusal";
import { type BeforeHooks, runBefore } from "./before";
import { answerPreflight, type CorsOptions, isPreflight, withCors } from "./cors";
import { findNamespace, type Parties } from "./namespaces";
import { type AllowedOrigins, isOriginAllowed } from "./origin";
import { fetchWithRetry, isOverloaded, type RetryOptions } from "./retry";
import { type RoomOptions, roomStub } from "./with-room";

/** How `Party.fetchRoomForRequest` finds a room, and whom it lets through. */
export interface FetchRoomOptions extends RoomOptions, BeforeHooks {
  /** The path before `/:party/:room`, with or without slashes around. Default: `parties`. */
  prefix?: string;
  /**
   * Which parties can be reached: the names of their bindings, or a record of names and
   * namespaces. Default: every Durable Object binding, so name them where there are others.
   */
  parties?: Parties;
  /**
   * Which pages of other hosts may open a WebSocket. Default: none. A page of the Worker's own
   * host always may, and so may what is no browser.
   */
  allowedOrigins?: AllowedOrigins;
  /** Which pages of other hosts may read the answers to plain requests. Default: none. */
  cors?: boolean | CorsOptions;
  /** How often a room that did not answer is asked again. Default: up to 3 times in all. */
  retry?: RetryOptions;
}

/** See `Party.fetchRoomForRequest`. */
export function fetchRoom(
  request: Request,
  env: object,
  options: FetchRoomOptions = {},
): Promise<Response> | null {
  let namespace: DurableObjectNamespace | null = null;
  const isParty = (party: string) => {
    namespace = findNamespace(env, party, options.parties);
    return namespace !== null;
  };
  try {
    const { pathname } = new URL(request.url);
    const address = parseRoomPath(pathname, { prefix: options.prefix, isParty });
    if (address === null || namespace === null) return null;
    if (request.url.length > MAX_URL_BYTES) return Promise.resolve(refuseUrl(request));
    return enter(request, namespace, address, options);
  } catch (error) {
    if (!(error instanceof PartyError)) throw error;
    return Promise.resolve(refuse(request, error));
  }
}

/** The gates in front of a room, in order: its origin, the hooks of the app, and then the room. */
async function enter(
  request: Request,
  namespace: DurableObjectNamespace,
  address: RoomAddress,
  options: FetchRoomOptions,
): Promise<Response> {
  if (isUpgrade(request)) {
    if (!isOriginAllowed(request, options.allowedOrigins)) return refuseOrigin(request);
    return ask(request, namespace, address, options);
  }
  const cors = options.cors === true ? {} : options.cors || undefined;
  if (cors && isPreflight(request)) return answerPreflight(request, cors);
  const response = await ask(request, namespace, address, options);
  return cors ? withCors(request, response, cors) : response;
}

/** What a room throws instead of answering is for the log, and never for the client. */
async function ask(
  request: Request,
  namespace: DurableObjectNamespace,
  address: RoomAddress,
  options: FetchRoomOptions,
): Promise<Response> {
  const admitted = await runBefore(options, request, address);
  if (admitted instanceof Response) return admitted;
  try {
    const newStub = () => roomStub(namespace, address.room, options);
    return await fetchWithRetry(newStub, admitted, options.retry);
  } catch (error) {
    logError("the room did not answer", error);
    return refuse(request, new PartyError(isOverloaded(error) ? "room_full" : "internal"));
  }
}

/** Always plain: a page that may not connect is told nothing, in any form it could read. */
function refuseOrigin(request: Request): Response {
  const origin = request.headers.get("Origin") ?? "";
  logError("a page of another host was refused; see the option `allowedOrigins`", origin);
  return new Response("Forbidden", { status: 403 });
}
