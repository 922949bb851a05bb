/** How an event and its data belong together, wherever `emit` is called. Checked by `tsc`. */
import { type Contract, defineContract, type Schema, type } from "@partyflare/shared";
import type { ServerEvent, ServerEventName } from "@partyflare/shared";
import { type Connection, type ConnectionOf, Party } from "./index";

const chat = defineContract({
  fromServer: {
    said: type<{ by: string; text: string }>(),
    moved: type<{ x: number; y: number }>(),
    bell: type<void>(),
    note: type<string | undefined>(),
    anything: type<unknown>(),
  },
  tags: ["host", "guest"],
});

interface Env {
  CHAT: DurableObjectNamespace<Chat>;
}

export class Chat extends Party.for(chat)<Env> {
  /** A helper of an app's own, generic over its events. */
  publish<E extends ServerEventName<typeof chat>>(event: E, data: ServerEvent<typeof chat, E>) {
    this.emit(event, data);
    this.emit(event, data, { tags: ["host"] });
    this.getConnections()[0]?.emit(event, data);
    // @ts-expect-error -- the data of one event, whichever is meant
    this.emit(event, { x: 1, y: 2 });
  }

  test(connection: ConnectionOf<typeof chat>) {
    this.publish("moved", { x: 1, y: 2 });
    // @ts-expect-error -- the data of another event
    this.publish("moved", { by: "Ada", text: "hello" });

    this.emit("said", { by: "Ada", text: "hello" }, { except: ["x"], latestBy: "x" });
    this.emit("bell");
    this.emit("bell", undefined, { to: [connection.id] });
    this.emit("note");
    this.emit("note", "text");
    this.emit("anything", undefined);
    this.emit("anything", { to: [] });
    // @ts-expect-error -- the data of another event
    this.emit("moved", { by: "Ada", text: "hello" });
    // @ts-expect-error -- data is missing
    this.emit("said");
    // @ts-expect-error -- data that is unknown is there all the same
    this.emit("anything");
    // @ts-expect-error -- options come third, always
    this.emit("bell", { to: [connection.id] });
    // @ts-expect-error -- not an event of the room
    this.emit("rang");
    // @ts-expect-error -- the option is a list
    this.emit("bell", undefined, { to: "x" });
    // @ts-expect-error -- not a tag of the contract
    this.emit("bell", undefined, { tags: ["nobody"] });

    connection.emit("moved", { x: 1, y: 2 });
    connection.emit("bell");
    // @ts-expect-error -- the data of another event
    connection.emit("moved", { by: "Ada", text: "hello" });
    // @ts-expect-error -- data that is unknown is there all the same
    connection.emit("anything");
  }
}

export async function emitsOverRpc(env: Env): Promise<void> {
  const stub = Party.withRoom(env.CHAT, "lobby");
  await stub.emit("said", { by: "cron", text: "hello" });
  await stub.emit("said", { by: "cron", text: "hello" }, { tags: ["host"] });
  await stub.emit("bell");
  await stub.emit("bell", undefined, { except: ["x"] });
  // @ts-expect-error -- the data of another event
  await stub.emit("said", { x: 1, y: 2 });
  // @ts-expect-error -- the data is of no event
  await stub.emit("said", { by: "cron", text: 1 });
  // @ts-expect-error -- data is missing
  await stub.emit("said");
  // @ts-expect-error -- data that is unknown is there all the same
  await stub.emit("anything");
  // @ts-expect-error -- not an event of the room
  await stub.emit("sad", { by: "cron", text: "hello" });
  // @ts-expect-error -- not a tag of the contract
  await stub.emit("bell", undefined, { tags: ["nobody"] });
}

/** A base for rooms of all contracts that have an event. */
interface Announces extends Contract {
  readonly fromServer: {
    readonly announced: Schema<{ text: string }>;
    readonly cleared: Schema<void>;
  };
}

abstract class Announcer<C extends Announces> extends Party<Env, C> {
  announce(text: string, connection: ConnectionOf<C>) {
    this.emit("announced", { text });
    this.emit("announced", { text }, { except: [connection.id] });
    this.emit("cleared", undefined);
    connection.emit("announced", { text });
    // @ts-expect-error -- `text` is missing
    this.emit("announced", {});
    // @ts-expect-error -- the text is text
    this.emit("announced", { text: 1 });
  }
}

/** The same for rooms of any contract: an event that is chosen by the class that extends it. */
export abstract class Forwarder<C extends Contract> extends Party<Env, C> {
  forward<E extends ServerEventName<C>>(event: E, data: ServerEvent<C, E>, to: string[]) {
    this.emit(event, data);
    this.emit(event, data, { to });
  }
}

const news = defineContract({
  fromServer: { announced: type<{ text: string }>(), cleared: type<void>(), read: type<number>() },
});

export class News extends Announcer<typeof news> {
  test(connection: ConnectionOf<typeof news>) {
    this.announce("hello", connection);
    this.emit("read", 1);
    // @ts-expect-error -- the data of another event
    this.emit("read", { text: "hello" });
  }
}

/** All of them are parties, and their connections are connections. */
export const everyPartyIsOne = (party: Chat | News): Party<Env> => party;
export const everyConnectionIsOne = (one: ConnectionOf<typeof chat>): Connection => one;
