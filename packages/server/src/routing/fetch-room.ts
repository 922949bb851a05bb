import { parseRoomPath, PartyError, type RoomAddress } from "@partyflare/shared";
import { partyErrorOf, MAX_URL_BYTES } from "@partyflare/shared/internal";
import { logError } from "../log";
import { isResponse } from "../http-objects";
import { isUpgrade, passOn, refuse, refuseUrl } from "../refusal";
import { type BeforeHooks, runBefore } from "./before";
import { answerPreflight, type CorsOptions, isPreflight, withCors } from "./cors";
import { findNamespace, logUnknownParty, type Parties } from "./namespaces";
import { checkOrigin, checkOrigins, type OriginOptions } from "./origin";
import { fetchWithRetry, isOverloaded, type RetryOptions } from "./retry";
import { withRoomName } from "./room-name";
import { type RoomOptions, roomStub } from "./with-room";

/** How `Party.fetchRoomForRequest` finds a room, and whom it lets through. */
export interface FetchRoomOptions extends RoomOptions, OriginOptions, BeforeHooks {
  /** The path before `/:party/:room`, with or without slashes around. Default: `parties`. */
  prefix?: string;
  /**
   * Which parties can be reached: the names of their bindings, or a record of names and
   * namespaces. Default: every Durable Object binding, so name them where there are others.
   */
  parties?: Parties;
  /** Which pages of other hosts may read the answers to plain requests. Default: none. */
  cors?: boolean | CorsOptions;
  /** How often a room that did not answer is asked again. Default: up to 3 times in all. */
  retry?: RetryOptions;
}

/** Where a room is. */
interface Place {
  readonly namespace: DurableObjectNamespace;
  readonly address: RoomAddress;
}

/** Where a room is, or how a request for one that cannot be is refused. */
type Target = Place | { readonly refused: () => Response };

/** See `Party.fetchRoomForRequest`. */
export function fetchRoom(
  request: Request,
  env: object,
  options: FetchRoomOptions = {},
): Promise<Response> | null {
  const target = findTarget(request, env, options);
  if (target === null) return null;
  checkOrigins(options.allowedOrigins);
  const cors = options.cors === true ? {} : options.cors || undefined;
  checkOrigins(cors?.origins);
  return isUpgrade(request)
    ? connect(request, target, options)
    : answer(request, target, options, cors);
}

function findTarget(request: Request, env: object, options: FetchRoomOptions): Target | null {
  const { parties, prefix } = options;
  let namespace: DurableObjectNamespace | null = null;
  const isParty = (party: string) => {
    namespace = findNamespace(env, party, parties);
    // Without a prefix, any path may look like a room's.
    if (namespace === null && prefix !== "") logUnknownParty(env, party, parties);
    return namespace !== null;
  };
  try {
    const { pathname } = new URL(request.url);
    const address = parseRoomPath(pathname, { prefix, isParty });
    if (address === null || namespace === null) return null;
    if (request.url.length > MAX_URL_BYTES) return { refused: () => refuseUrl(request) };
    return { namespace, address };
  } catch (error) {
    const refusal = partyErrorOf(error);
    if (!refusal) throw error;
    return { refused: () => refuse(request, refusal) };
  }
}

/** The gates in front of a connection, in order: its origin, the hooks of the app, and then the room. */
async function connect(
  request: Request,
  target: Target,
  options: FetchRoomOptions,
): Promise<Response> {
  const foreign = checkOrigin(request, options);
  if (foreign) return foreign;
  return "refused" in target ? target.refused() : ask(request, target, options);
}

/** Whatever the answer to a plain request is, the pages that may read it can. */
async function answer(
  request: Request,
  target: Target,
  options: FetchRoomOptions,
  cors: CorsOptions | undefined,
): Promise<Response> {
  if (cors && isPreflight(request)) return answerPreflight(request, cors);
  const response = "refused" in target ? target.refused() : await ask(request, target, options);
  return cors ? withCors(request, response, cors) : response;
}

/** What a room throws instead of answering is for the log, and never for the client. */
async function ask(
  request: Request,
  { namespace, address }: Place,
  options: FetchRoomOptions,
): Promise<Response> {
  const admitted = await runBefore(options, request, address);
  if (isResponse(admitted)) return admitted;
  try {
    const newStub = () => roomStub(namespace, address.room, options);
    const named = withRoomName(admitted, address.room);
    return passOn(named, await fetchWithRetry(newStub, named, options.retry));
  } catch (error) {
    logError("the room did not answer", error);
    return refuse(request, new PartyError(isOverloaded(error) ? "room_full" : "internal"));
  }
}
