import { parseRoomPath, type RoomAddress } from "@partyflare/shared";
import type { Context, Env, MiddlewareHandler } from "hono";
import { cloneRawRequest } from "hono/request";
import { basePath } from "hono/route";
import type { BeforeHook } from "../routing/before";
import { isUpgrade } from "../refusal";
import { fetchRoom, type FetchRoomOptions } from "../routing/fetch-room";
import { keepHandshake } from "./handshake";

/**
 * A hook that runs before a request wakes its room, with Hono's context. Return a Response to
 * answer the request, a Request to replace it, or nothing to continue. An `HTTPException` that it
 * throws is the answer too.
 */
export type RoomHook<E extends Env = Env> = (
  request: Request,
  address: RoomAddress,
  c: Context<E>,
) => ReturnType<BeforeHook>;

/** The names of the bindings of an app that are Durable Objects; any name where it has no types. */
export type PartyName<E extends Env> = 0 extends 1 & E
  ? string
  : E extends { Bindings: infer Bindings }
    ? {
        [Name in keyof Bindings]: Bindings[Name] extends DurableObjectNamespace<infer _Room>
          ? Name
          : never;
      }[keyof Bindings] &
        string
    : string;

/** Options of `rooms`: those of `Party.fetchRoomForRequest`, with hooks that get Hono's context. */
export interface RoomsOptions<E extends Env = Env> extends Omit<
  FetchRoomOptions,
  "onBeforeConnect" | "onBeforeRequest" | "parties"
> {
  /**
   * The parties that clients can reach: names of their bindings, or a record name → namespace.
   * Default: every Durable Object binding.
   */
  parties?: readonly PartyName<E>[] | Readonly<Record<string, DurableObjectNamespace>>;
  /** Runs for requests that ask for a WebSocket. */
  onBeforeConnect?: RoomHook<E>;
  /** Runs for all other requests to rooms. */
  onBeforeRequest?: RoomHook<E>;
}

/**
 * Returns a Hono middleware that passes requests for rooms on to them, by
 * `Party.fetchRoomForRequest`. All other requests go on to the next handler.
 *
 * A WebSocket's 101 reaches the client as the room made it, whatever middleware there is. Other
 * answers of rooms get the headers of the middleware that is registered before this one.
 *
 * @param options or a function of Hono's context that returns them, for those that depend on
 *   bindings. `prefix` is relative to the app's base path.
 * @typeParam E the app's own, as in `new Hono<E>()`. It types the hooks and the names of parties.
 *   `app.use` does not pass it on, so write it here or at the context of a hook.
 * @throws TypeError if the options are no object. A request for a room throws one if the context
 *   has no bindings.
 *
 * @example
 * app.use(secureHeaders());
 * app.use(rooms({ parties: ["Chat"] }));
 */
export function rooms<E extends Env = Env>(
  options: RoomsOptions<E> | ((c: Context<E>) => RoomsOptions<E>) = {},
): MiddlewareHandler<E> {
  if (typeof options !== "function") checkOptions(options);
  return async function rooms(c, next) {
    const own = typeof options === "function" ? checkOptions(options(c)) : options;
    const prefix = joinPaths(basePath(c), own.prefix ?? "parties");
    const answer = fetchRoom(c.req.raw, bindingsOf(c, { ...own, prefix }), {
      ...own,
      prefix,
      onBeforeConnect: own.onBeforeConnect && withContext(own.onBeforeConnect, c),
      onBeforeRequest: withContext(own.onBeforeRequest, c),
    });
    if (answer === null) return next();
    const response = isUpgrade(c.req.raw) ? await keepHandshake(c, answer) : await answer;
    // A copy, since the headers of the original cannot be changed.
    return response.webSocket ? response : new Response(response.body, response);
  };
}

function checkOptions<E extends Env>(options: RoomsOptions<E>): RoomsOptions<E> {
  const found = options === null ? "null" : Array.isArray(options) ? "an array" : typeof options;
  // Without this check, the options in a promise would be ignored: hooks and origins, too.
  const isPromise = found === "object" && "then" in options;
  if (found === "object" && !isPromise) return options;
  throw new TypeError(
    `rooms() takes an object of options, or a function that returns one, and got ${isPromise ? "a promise" : found}.`,
  );
}

/**
 * Returns the bindings of a request.
 *
 * @throws TypeError if there are none and the room can be found only by them.
 */
function bindingsOf(
  c: Context,
  { parties, prefix }: { parties?: unknown; prefix: string },
): object {
  const env: unknown = c.env;
  if (typeof env === "object" && env !== null) return env;
  const isNamed = parties === undefined || Array.isArray(parties);
  if (isNamed && parseRoomPath(new URL(c.req.url).pathname, { prefix }) !== null) {
    throw new TypeError(
      "rooms() found no bindings in c.env: pass env to app.fetch(request, env) or app.request(path, init, env).",
    );
  }
  return {};
}

/** Gives a hook the whole request and Hono's context. An `HTTPException` becomes the answer. */
function withContext<E extends Env>(hook: RoomHook<E> | undefined, c: Context<E>): BeforeHook {
  return async (request, address) => {
    // Middleware may have read the body. Hono keeps what it has read.
    const whole = request.bodyUsed ? await cloneRawRequest(c.req) : request;
    try {
      return (await hook?.(whole, address, c)) ?? whole;
    } catch (error) {
      if (isHttpException(error)) return error.getResponse();
      throw error;
    }
  };
}

/** Known by its method, as Hono does it: there may be two copies of its class. */
function isHttpException(error: unknown): error is { getResponse(): Response } {
  return (
    error instanceof Error && "getResponse" in error && typeof error.getResponse === "function"
  );
}

function joinPaths(...paths: readonly string[]): string {
  return paths
    .flatMap((path) => path.split("/"))
    .filter((segment) => segment !== "")
    .join("/");
}
