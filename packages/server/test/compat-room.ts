import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { vi } from "vitest";
import { type PartyServerOptions, routePartykitRequest } from "../src/compat/partyserver";
import { type ScriptedServer, type ServerScript, serverScripts } from "./compat-servers";
import { openRoom, type TestRoom } from "../src/testing/index";
import { TestSocket } from "./test-socket";

type Binding = "COMPAT" | "COMPAT_IN_MEMORY" | "COMPAT_STRICT" | "CompatOverriding";

/** A room of a server under test, reached through its router. */
export interface CompatRoom {
  readonly name: string;
  readonly stub: DurableObjectStub<ScriptedServer>;
  request(path?: string, init?: RequestInit, options?: PartyServerOptions): Promise<Response>;
  connect(query?: string, init?: RequestInit, options?: PartyServerOptions): Promise<TestSocket>;
  sleep(): Promise<void>;
  /** Opens the room with the test kit, past the router. */
  kit(): Promise<TestRoom<ScriptedServer>>;
}

/** Opens a room of its own for one test. */
export function openServer(binding: Binding, script: ServerScript = {}): CompatRoom {
  const name = `room-${crypto.randomUUID()}`;
  serverScripts.set(name, script);
  const namespace = env[binding] as unknown as DurableObjectNamespace<ScriptedServer>;
  const stub = namespace.get(namespace.idFromName(name));
  const party = { COMPAT: "compat", CompatOverriding: "compat-overriding" }[binding as string];
  const url = `https://example.com/parties/${party ?? binding.toLowerCase().replaceAll("_", "-")}/${name}`;
  return {
    name,
    stub,
    request: (path = "", init, options) => ask(new Request(`${url}${path}`, init), options),
    connect: (query = "", init, options) => connect(`${url}${query}`, init, options),
    sleep: () => evictDurableObject(stub),
    kit: () => openRoom<ScriptedServer>(namespace, name),
  };
}

async function ask(request: Request, options?: PartyServerOptions): Promise<Response> {
  const response = await routePartykitRequest(request, env, options);
  if (!response) throw new Error(`No room at ${request.url}.`);
  // A room whose answer has not been read cannot sleep.
  return response.webSocket ? response : new Response(await response.arrayBuffer(), response);
}

/** Opens a WebSocket through the router. */
export async function connect(
  url: string,
  init: RequestInit = {},
  options?: PartyServerOptions,
): Promise<TestSocket> {
  const headers = new Headers(init.headers);
  headers.set("Upgrade", "websocket");
  const { status, webSocket } = await ask(new Request(url, { headers }), options);
  if (!webSocket) throw new Error(`The upgrade was answered with ${status}.`);
  return new TestSocket(webSocket, async () => {});
}

/** Waits until a check passes. */
export function eventually(check: () => void): Promise<void> {
  return vi.waitFor(check, { timeout: 60_000, interval: 5 });
}
