import { partyName } from "../compat/bindings";
import { askRoom, labelled } from "../compat/partyserver/ask-room";
import { HIBERNATES } from "../compat/partyserver/server-options";
import { resolveOptions } from "../options";
import { fetchRoom } from "../routing/fetch-room";
import { roomStub } from "../routing/with-room";

/** Methods that every party has, and other Durable Objects have not. */
const METHODS = ["authorize", "broadcast", "getConnections", "onConnect", "transactionSync"];

/** What a Server of partyserver gets in `onStart`. */
export type Props = Readonly<Record<string, unknown>>;

/** What the kit reads from the object of a room. */
export interface About {
  readonly className: string;
  /** `server` is a class of `partyflare/compat`, `partyserver` or `partykit`. */
  readonly kind: "party" | "server";
  readonly hibernates: boolean;
}

/** The part of a room's object that the kit uses, of both kinds. */
export interface RoomObject {
  getConnections(): Iterable<RoomConnection>;
}

interface RoomConnection {
  readonly id: string;
  send(text: string): void;
}

/** A Server has more. */
interface ServerObject extends RoomObject {
  setName(name: string, props?: Props): Promise<void>;
}

/** A room, and how to reach it. */
export interface Place {
  readonly namespace: DurableObjectNamespace;
  readonly name: string;
  readonly props: Props | undefined;
}

/** Returns what a room's object is. Without `hibernates`, it is no room. */
export function aboutOf(object: object): About | Pick<About, "className"> {
  const { constructor } = object;
  const className = constructor.name;
  // The kit is bundled apart: it has no map of the servers that the app's copy has made.
  const sleeps = Reflect.get(object, HIBERNATES) as boolean | undefined;
  if (sleeps !== undefined) return { className, kind: "server", hibernates: sleeps };
  const isParty = METHODS.every((method) => typeof Reflect.get(object, method) === "function");
  if (!isParty) return { className };
  return { className, kind: "party", hibernates: resolveOptions(constructor).hibernate };
}

/** Returns the stub of a room. A Server's name stays as it is. */
export function stubOf<Room extends Rpc.DurableObjectBranded | undefined>(
  namespace: DurableObjectNamespace<Room>,
  name: string,
  kind: About["kind"],
): DurableObjectStub<Room> {
  return kind === "party" ? roomStub(namespace, name) : namespace.get(namespace.idFromName(name));
}

/** Starts a Server, which otherwise starts with its first event. A party has started by itself. */
export async function start(object: RoomObject, kind: About["kind"], { name, props }: Place) {
  if (kind === "server") await (object as ServerObject).setName(name, props);
}

/** Returns the path of a room's URL. */
export function pathOf({ className, kind }: About, name: string): string {
  const party = kind === "party" ? className : partyName(className);
  return `/parties/${party}/${encodeURIComponent(name)}`;
}

/** Asks a room for a WebSocket, as the Worker does it. A party's router turns a refusal into a close. */
export async function upgrade(
  request: Request,
  { className, kind }: About,
  { namespace, name, props }: Place,
): Promise<Response> {
  if (kind === "party") {
    // This router finds the room by its URL.
    return (await fetchRoom(request, {}, { parties: { [className]: namespace } })) as Response;
  }
  const binding = { name: className, party: partyName(className), namespace };
  return askRoom(labelled(request, binding), binding, name, props === undefined ? {} : { props });
}
