import { type ErrorCode, PartyError, type RoomAddress } from "@partyflare/shared";
import { partyErrorOf } from "@partyflare/shared/internal";
import { isRequest, isResponse } from "../http-objects";
import { logError } from "../log";
import { discard, isUpgrade, refuse, refusedByCode } from "../refusal";

/**
 * A hook that runs before a request wakes its room. Return a Response to answer the request, a
 * Request to replace it, or nothing to continue.
 */
export type BeforeHook = (
  request: Request,
  address: RoomAddress,
) => Response | Request | void | Promise<Response | Request | void>;

/** Hooks that run in the Worker. */
export interface BeforeHooks {
  /** Runs for requests that ask for a WebSocket. */
  onBeforeConnect?: BeforeHook;
  /** Runs for all other requests. */
  onBeforeRequest?: BeforeHook;
}

/**
 * Returns the request to continue with, or the answer. If a hook fails, the answer is a 500 without
 * the reason.
 */
export async function runBefore(
  { onBeforeConnect, onBeforeRequest }: BeforeHooks,
  request: Request,
  address: RoomAddress,
): Promise<Request | Response> {
  const isConnect = isUpgrade(request);
  const hook = isConnect ? onBeforeConnect : onBeforeRequest;
  if (!hook) return request;
  const name = isConnect ? "onBeforeConnect" : "onBeforeRequest";
  try {
    const result: unknown = await hook(request, address);
    if (isResponse(result)) return isConnect ? connectAnswer(request, result) : result;
    if (result === undefined || isRequest(result)) return result ?? request;
    throw new TypeError(`${name} returns a Response, a Request or nothing, not ${typeof result}.`);
  } catch (error) {
    const refusal = partyErrorOf(error);
    if (!refusal) logError(name, error);
    return refuse(request, refusal ?? new PartyError("internal"));
  }
}

/** Browsers cannot read the status of a refused upgrade, so our clients get a close code. */
export function connectAnswer(request: Request, response: Response): Response {
  if (response.webSocket || !refusedByCode(request)) return response;
  const code = CODES.get(response.status) ?? "invalid";
  const seconds = Number(response.headers.get("Retry-After") ?? Number.NaN);
  const retryAfterMs = seconds >= 0 ? seconds * 1_000 : undefined;
  discard(response);
  return refuse(request, new PartyError(code, { retryAfterMs }));
}

/**
 * docs/protocol.md maps each status to a close code. 503 becomes 4503, and any other status 4400.
 */
const CODES: ReadonlyMap<number, ErrorCode> = new Map([
  [401, "unauthorized"],
  [403, "forbidden"],
  [404, "not_found"],
  [429, "rate_limited"],
  [503, "room_full"],
]);
