import { env as importedEnv } from "cloudflare:workers";
import { MAX_ATTACHMENT_BYTES, mistake, partyErrorOf } from "@partyflare/shared/internal";
import { isRequest, isResponse } from "../../http-objects";
import { isUpgrade, refuse, refuseUrl } from "../../refusal";
import { connectAnswer } from "../../routing/before";
import { type AllowedOrigins, checkOrigin, isOriginAllowed } from "../../routing/origin";
import { type Binding, bindingsOf } from "../bindings";
import { reportOnce } from "../report";
import { roomOfSegment } from "../room-segment";
import { askRoom, labelled } from "./ask-room";
import { PROPS_HEADER } from "./props";
import type { RoutingRetryOptions } from "./retry";

/** The room of a request. */
export interface Lobby<Env = Cloudflare.Env> {
  /** The party's name in the URL: `my-chat`. */
  party: string;
  /** The name of the binding: `MyChat`. */
  className: Extract<keyof Env, string>;
  /** The room's name, as it stands in the URL. */
  name: string;
}

/** What a hook of the router returns: the answer, another request, or nothing. */
type Decision = Response | Request | void | undefined;

/** Options of `routePartykitRequest`. */
export interface PartyServerOptions<Env = Cloudflare.Env, Props = Record<string, unknown>> {
  /** The path before `/:party/:room`. Default: `parties`. */
  prefix?: string;
  /** The jurisdiction that the room must stay in. */
  jurisdiction?: DurableObjectJurisdiction;
  /** The preferred location of a room that does not exist yet. */
  locationHint?: DurableObjectLocationHint;
  /** For `onStart` of a room that starts for this request. */
  props?: Props;
  /** The CORS headers of answers to plain requests; true for every page, without credentials. */
  cors?: boolean | HeadersInit;
  /** How to retry if a room does not answer. Default: up to 3 attempts. False: no retry. */
  routingRetry?: false | RoutingRetryOptions;
  /** Runs in the Worker before a request for a WebSocket reaches its room. */
  onBeforeConnect?: (request: Request, lobby: Lobby<Env>) => Decision | Promise<Decision>;
  /** Runs in the Worker before any other request reaches its room. */
  onBeforeRequest?: (request: Request, lobby: Lobby<Env>) => Decision | Promise<Decision>;
  /**
   * Foreign pages that may open a WebSocket. Default: every page, as in partyserver. `[]` lets in
   * the pages of the Worker's own host only, as `Party.fetchRoomForRequest` does.
   */
  allowedOrigins?: AllowedOrigins;
}

/** A connection keeps its URL in its attachment, with its id, tags and state. */
const MAX_URI_LENGTH = MAX_ATTACHMENT_BYTES - 1_024;

const CORS = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Allow-Methods": "GET, POST, HEAD, OPTIONS",
  "Access-Control-Allow-Headers": "*",
  "Access-Control-Max-Age": "86400",
};

/**
 * Passes a request for `/parties/:party/:room` to that room. The room's name stays as it stands in
 * the URL, undecoded: so a room keeps the storage that it had with partyserver.
 *
 * @param env the Worker's bindings. Default: those of `cloudflare:workers`.
 * @returns null for any other URL; 400 for a party that has no binding.
 */
export async function routePartykitRequest<
  Env = Cloudflare.Env,
  // Code of partyserver names it as the second of three.
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters
  _Server = unknown,
  Props extends Record<string, unknown> = Record<string, unknown>,
>(
  request: Request,
  env: Env = importedEnv as Env,
  options: PartyServerOptions<Env, Props> = {},
): Promise<Response | null> {
  const bindings = bindingsOf(env);
  const address = addressOf(request, options.prefix);
  if (!address) return null;
  const binding = bindings.get(address.party);
  if (!binding) {
    reportUnknown(
      address.party,
      [...bindings.values()].map(({ name, party }) => `${party} (${name})`),
    );
    return refuse(request, mistake("invalid", { message: "Invalid request" }));
  }
  // The types of hooks name the bindings; the router passes what it found.
  return routeTo(request, binding, address.name, options as PartyServerOptions);
}

/** Passes a request to a room of a binding. */
export async function routeTo(
  request: Request,
  binding: Binding,
  name: string,
  options: PartyServerOptions,
): Promise<Response> {
  const cors = corsHeaders(options.cors);
  if (isUpgrade(request)) return connect(request, binding, name, options);
  if (request.method === "OPTIONS" && cors) return new Response(null, { headers: cors });
  const response = await admit(request, binding, name, options);
  return cors ? withHeaders(response, cors) : response;
}

/** Returns the party and the name of a room, undecoded; null if the path is not that of a room. */
function addressOf(request: Request, prefix = ""): { party: string; name: string } | null {
  const before = (prefix || "parties").split("/").filter(Boolean);
  const parts = new URL(request.url).pathname.split("/").filter(Boolean);
  if (!before.every((part, index) => parts[index] === part)) return null;
  const [party, name] = parts.slice(before.length);
  if (party === undefined || name === undefined) return null;
  return { party, name: roomOfSegment(request, name) };
}

/** The unknown parties that have been reported, by the parties that exist. */
const reported = new Map<string, Set<string>>();

/** Any client can name one. After some of them, a developer knows; other reports must have space. */
const MAX_UNKNOWN = 8;

/** Names the parties that exist once in the console, after a request for another one. */
export function reportUnknown(party: string, known: readonly string[]): void {
  const list = known.join(", ") || "none";
  const unknown = reported.get(list) ?? new Set();
  if (unknown.size >= MAX_UNKNOWN) return;
  const name = JSON.stringify(party.slice(0, 64));
  reported.set(list, unknown.add(name));
  reportOnce(
    `no party ${name}. The parties are ${list}: ` +
      "name one of them in the client, or add a Durable Object binding to wrangler.jsonc.",
  );
}

async function connect(
  request: Request,
  binding: Binding,
  name: string,
  options: PartyServerOptions,
): Promise<Response> {
  if (request.url.length > MAX_URI_LENGTH) return refuseUrl(request);
  const { allowedOrigins } = options;
  if (allowedOrigins === undefined && !isOriginAllowed(request)) {
    reportOnce(
      "a page of another host has connected, as partyserver lets it. `allowedOrigins: [" +
        `"https://app.example.com"]\` in the options of the router lists such pages.`,
    );
  }
  const foreign = checkOrigin(request, { allowedOrigins: allowedOrigins ?? ["*"] });
  return foreign ?? admit(request, binding, name, options);
}

/** Runs the hook of the app, and then asks the room. An error of the hook is thrown. */
async function admit(
  request: Request,
  binding: Binding,
  name: string,
  options: PartyServerOptions,
): Promise<Response> {
  const asked = labelled(request, binding, options);
  const isConnect = isUpgrade(request);
  const hook = isConnect ? options.onBeforeConnect : options.onBeforeRequest;
  const lobby = { party: binding.party, className: binding.name as never, name };
  let result: Decision;
  try {
    result = await hook?.(asked, lobby);
  } catch (error) {
    const refusal = partyErrorOf(error);
    if (!refusal) throw error;
    return refuse(request, refusal);
  }
  if (isResponse(result)) return isConnect ? connectAnswer(request, result) : result;
  if (!isRequest(result)) return askRoom(asked, binding, name, options);
  return askRoom(relabelled(result, request, binding, options), binding, name, options);
}

/** A hook may return a copy of the client's own request. Props that the hook has set stay. */
function relabelled(
  result: Request,
  request: Request,
  binding: Binding,
  options: PartyServerOptions,
): Request {
  const props = result.headers.get(PROPS_HEADER);
  const asked = labelled(result, binding, options);
  if (props !== null && props !== request.headers.get(PROPS_HEADER)) {
    asked.headers.set(PROPS_HEADER, props);
  }
  return asked;
}

function corsHeaders(cors: boolean | HeadersInit | undefined): Headers | undefined {
  if (!cors) return undefined;
  return new Headers(cors === true ? CORS : cors);
}

function withHeaders(response: Response, headers: Headers): Response {
  const answer = new Response(response.body, response);
  for (const [name, value] of headers) answer.headers.set(name, value);
  return answer;
}
