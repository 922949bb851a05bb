import { bindingsOf, partyName } from "../bindings";
import type { Server as RoomServer } from "../partyserver/server";
import { type BindingNames, resourcesOf } from "./resources";
import type { Connection, Room } from "./types";

/** The parts of a PartyKit room. */
interface PartyRoomParts {
  readonly ctx: DurableObjectState;
  readonly env: object;
  readonly server: RoomServer;
  readonly names: BindingNames | undefined;
}

/** Returns the room that a PartyKit class gets. */
export function partyRoom({ ctx, env, server, names }: PartyRoomParts): Room {
  const { analytics, ...context } = resourcesOf(env, names);
  const className = server.constructor.name;
  return {
    get id() {
      return server.name;
    },
    internalID: ctx.id.toString(),
    get name() {
      return partyOf(ctx, env) ?? partyName(className);
    },
    env: context.env,
    storage: ctx.storage,
    blockConcurrencyWhile: (run) => ctx.blockConcurrencyWhile(run),
    context,
    parties: context.parties,
    analytics,
    get connections() {
      const all = [...server.getConnections()] as Connection[];
      return new Map(all.map((connection) => [connection.id, connection]));
    },
    broadcast: (message, without) => server.broadcast(message, without),
    getConnection: <State>(id: string) =>
      server.getConnection<State>(id) as Connection<State> | undefined,
    getConnections: <State>(tag?: string) =>
      server.getConnections<State>(tag) as Iterable<Connection<State>>,
  };
}

/** A name gives the room's id only in the room's own namespace. */
function partyOf({ id }: DurableObjectState, env: object): string | undefined {
  const { name } = id;
  if (name === undefined) return undefined;
  const bindings = [...bindingsOf(env).values()];
  return bindings.find(({ namespace }) => namespace.idFromName(name).equals(id))?.party;
}
