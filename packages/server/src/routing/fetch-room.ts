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

/**
 * Options of `Party.fetchRoomForRequest`: how it finds a room, and which requests it lets through.
 */
export interface FetchRoomOptions extends RoomOptions, OriginOptions, BeforeHooks {
  /** The path before `/:party/:room`; slashes around it are optional. Default: `parties`. */
  prefix?: string;
  /**
   * The parties that clients can reach: names of their bindings, or a record name → namespace.
   * Default: every Durable Object binding. List the parties if the Worker has other Durable
   * Objects.
   */
  parties?: Parties;
  /** Foreign pages that may read the answers to plain requests. Default: none. */
  cors?: boolean | CorsOptions;
  /** How to retry if a room does not answer. Default: up to 3 attempts. */
  retry?: RetryOptions;
}

/** The address of a room. */
interface Place {
  readonly namespace: DurableObjectNamespace;
  readonly address: RoomAddress;
}

/** The address of a room, or the refusal of a request for an illegal one. */
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

/** Runs the checks before a connection, in order: the origin, the app's hooks, then the room. */
async function connect(
  request: Request,
  target: Target,
  options: FetchRoomOptions,
): Promise<Response> {
  const foreign = checkOrigin(request, options);
  if (foreign) return foreign;
  return "refused" in target ? target.refused() : ask(request, target, options);
}

/** Adds the CORS headers to every answer to a plain request, errors included. */
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

/** Asks the room. An error that the room throws goes to the log, and never to the client. */
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
