import { mistake, partyErrorOf } from "@partyflare/shared/internal";
import { logError } from "../../log";
import { isUpgrade, refuse } from "../../refusal";
import type { AllowedOrigins } from "../../routing/origin";
import { bindingsOf } from "../bindings";
import { reportUnknown, routeTo } from "../partyserver/route";
import { checkParty } from "./from-partykit";
import { bindingOf, type BindingNames, missingBinding, resourcesOf } from "./resources";
import type { FetchSocket, PartyKitServer, Worker } from "./types";
import { roomOfSegment } from "../room-segment";

/** The parties of a Worker, and how it routes. */
export interface PartyKitOptions {
  /** The class of the party `main`: `main` of partykit.json. */
  main: Worker | PartyKitServer;
  /** The classes of the other parties by their names: `parties` of partykit.json. */
  parties?: Readonly<Record<string, Worker | PartyKitServer>>;
  /** The names of the Worker's bindings, where they differ from PartyKit's. */
  bindings?: BindingNames;
  /** Foreign pages that may open a WebSocket. Default: every page, as on PartyKit. */
  allowedOrigins?: AllowedOrigins;
}

/**
 * Answers a request as PartyKit did: `/parties/:party/:room` and `/party/:room` by a room, all
 * other URLs by `onSocket` or `onFetch` of the party `main`, or else with 404.
 *
 * @throws TypeError or Error, in one sentence, if a class, its binding, `env` or `ctx` is missing.
 */
export async function fetchPartyKit(
  request: Request,
  env: object,
  ctx: ExecutionContext,
  options: PartyKitOptions,
): Promise<Response> {
  checkArguments("fetchPartyKit", env, ctx, options);
  const address = addressOf(request);
  if (!address) return fetchElsewhere(request, env, ctx, options);
  const { name, room } = address;
  const party = partyOf(options, name);
  if (!party) {
    reportUnknown(name, ["main", ...Object.keys(options.parties ?? {})]);
    return refuse(request, mistake("not_found", { message: "There is no such party." }));
  }
  const binding = bindingOf(env, name);
  if (!binding) throw missingBinding(name);
  const lobby = { ...resourcesOf(env, options.bindings), id: room };
  return routeTo(request, binding, room, {
    ...(options.allowedOrigins && { allowedOrigins: options.allowedOrigins }),
    onBeforeConnect: (asked) =>
      decide("onBeforeConnect", () => party.onBeforeConnect?.(asked, lobby, ctx)),
    onBeforeRequest: (asked) =>
      decide("onBeforeRequest", () => party.onBeforeRequest?.(asked, lobby, ctx)),
  });
}

/** On PartyKit, a hook that throws answers with 401. The error goes to the log, not to the client. */
async function decide<Decision>(name: string, hook: () => Decision): Promise<Awaited<Decision>> {
  try {
    return await hook();
  } catch (error) {
    const refusal = partyErrorOf(error);
    if (!refusal) logError(name, error);
    throw refusal ?? mistake("unauthorized");
  }
}

/** @throws TypeError, in one sentence, if an argument is missing. */
export function checkArguments(
  where: string,
  env: unknown,
  ctx: unknown,
  options: PartyKitOptions | undefined,
): void {
  bindingsOf(env);
  if (typeof ctx !== "object" || ctx === null) {
    throw new TypeError(`${where}() takes the context of the Worker as its third argument.`);
  }
  checkParty(options?.main, `\`main\` of ${where}()`);
  for (const [name, party] of Object.entries(options?.parties ?? {})) {
    checkParty(party, `\`parties.${name}\` of ${where}()`);
  }
}

/** Returns the party and the room of a URL, undecoded. */
function addressOf(request: Request): { name: string; room: string } | null {
  const [first, ...rest] = new URL(request.url).pathname.split("/").filter(Boolean);
  const [name, room] = first === "party" ? ["main", ...rest] : first === "parties" ? rest : [];
  if (name === undefined || room === undefined) return null;
  return { name, room: roomOfSegment(request, room) };
}

function partyOf({ main, parties = {} }: PartyKitOptions, name: string) {
  if (Object.hasOwn(parties, name)) return parties[name];
  return name === "main" ? main : undefined;
}

async function fetchElsewhere(
  request: Request,
  env: object,
  ctx: ExecutionContext,
  { main, bindings }: PartyKitOptions,
): Promise<Response> {
  const lobby = resourcesOf(env, bindings);
  if (isUpgrade(request) && main.onSocket) {
    const { 0: client, 1: server } = new WebSocketPair();
    server.accept();
    const socket: FetchSocket = Object.assign(server, { request });
    // As on PartyKit, the client is connected once it has ended: after an error, it is not.
    await main.onSocket(socket, lobby, ctx);
    return new Response(null, { status: 101, webSocket: client });
  }
  const older = "unstable_onFetch" in main ? main.unstable_onFetch : undefined;
  const answer = main.onFetch
    ? await main.onFetch(request, lobby, ctx)
    : await older?.(request, lobby, ctx);
  return answer ?? new Response("Not found", { status: 404 });
}
