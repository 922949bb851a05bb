/** What must compile, and what must not. Checked by `tsc`: an error that is expected and missing fails. */
import { defineContract, type } from "@partyflare/shared";
import * as z from "zod";
import {
  type CallErrorOf,
  type Connection,
  type ConnectionOf,
  type Message,
  Party,
  PartyError,
} from "./index";

const chat = defineContract({
  fromClient: {
    say: z.object({ text: z.string() }),
    typing: type<{ on: boolean }>(),
    ping: type<void>(),
  },
  fromServer: { said: type<{ by: string; text: string }>(), pong: type<void>() },
  calls: {
    rename: {
      input: z.object({ name: z.string(), loud: z.coerce.boolean() }),
      output: type<{ name: string }>(),
      errors: { name_taken: type<{ suggestion: string }>() },
    },
  },
  state: z.object({ name: z.string(), seen: z.array(z.string()) }),
  tags: ["host", "guest"],
});

interface Env {
  CHAT: DurableObjectNamespace<Chat>;
}

export class Chat extends Party.for(chat)<Env> {
  static override options = { hibernate: true };

  override authorize(_request: Request) {
    return { name: "guest", seen: [] };
  }

  override getConnectionTags(): ("host" | "guest")[] {
    return ["guest"];
  }

  override onConnect(connection: ConnectionOf<typeof chat>) {
    connection.state.name satisfies string;
    connection.tags satisfies readonly ("host" | "guest")[];
    connection.emit("said", { by: "room", text: "hello" });
    connection.emit("pong");
    connection.setState((previous) => ({ ...previous, seen: [...previous.seen, "x"] }));
    // @ts-expect-error -- the state is read-only
    connection.state.name = "Ada";
    // @ts-expect-error -- however deep
    connection.state.seen.push("x");
    // @ts-expect-error -- `name` is missing
    connection.setState({ seen: [] });
    // @ts-expect-error -- not a tag of the contract
    connection.setTags(["guests"]);
    // @ts-expect-error -- not an event of the room
    connection.emit("say", { text: "" });
  }

  readonly on = this.handle({
    say: (from, { text }) => {
      text satisfies string;
      this.emit("said", { by: from.id, text }, { except: [from.id], tags: ["guest"], to: ["x"] });
    },
    typing: (_from, { on }) => on satisfies boolean,
    ping: () => this.emit("pong"),
    rename: (from, { name, loud }) => {
      loud satisfies boolean;
      if (name === "") throw new PartyError("name_taken", { data: { suggestion: "Ada" } });
      from.setState({ name, seen: [] });
      return { name };
    },
  });

  test() {
    this.getConnections(["host"])[0]?.state.name satisfies string | undefined;
    this.getConnection("x")?.emit("pong");
    this.env.CHAT satisfies DurableObjectNamespace<Chat>;
    // @ts-expect-error -- not a tag of the contract
    this.getConnections(["nobody"]);
    // @ts-expect-error -- not an event of the room
    this.emit("says", {});
    // @ts-expect-error -- `text` is missing
    this.emit("said", { by: "x" });
    // @ts-expect-error -- data is missing
    this.emit("said");
    // @ts-expect-error -- not a tag of the contract
    this.emit("said", { by: "", text: "" }, { tags: ["nobody"] });
    // @ts-expect-error -- a number is no text
    this.broadcast(1);
  }

  /** An RPC method of the user's own. */
  async count(): Promise<number> {
    return this.getConnections().length;
  }
}

export async function callsThroughStub(env: Env): Promise<number> {
  const stub = Party.withRoom(env.CHAT, "lobby", { locationHint: "weur", jurisdiction: "eu" });
  // @ts-expect-error -- there is no such method
  await stub.nothing();
  return stub.count();
}

export class MissingHandler extends Party.for(chat)<Env> {
  // @ts-expect-error -- `rename` is missing
  readonly on = this.handle({ say: () => {}, typing: () => {}, ping: () => {} });
}

export class WrongReply extends Party.for(chat)<Env> {
  readonly on = this.handle({
    say: () => {},
    typing: () => {},
    ping: () => {},
    // @ts-expect-error -- the reply has a name
    rename: () => ({ nickname: "Ada" }),
  });
}

type RenameError = CallErrorOf<typeof chat, "rename">;

/** TypeScript does not check what is thrown. `satisfies` makes it do so. */
export function refuseRename(name: string): never {
  if (name === "admin") throw new PartyError("forbidden") satisfies RenameError;
  // @ts-expect-error -- not a code of the call
  if (name === "typo") throw new PartyError("nametaken") satisfies RenameError;
  // @ts-expect-error -- not the data of the code
  if (name === "data") throw new PartyError("name_taken", { data: 1 }) satisfies RenameError;
  // @ts-expect-error -- the code has data
  if (name === "none") throw new PartyError("name_taken") satisfies RenameError;
  throw new PartyError("name_taken", { data: { suggestion: name } }) satisfies RenameError;
}

export class UnknownHandler extends Party.for(chat)<Env> {
  readonly on = this.handle({
    say: () => {},
    typing: () => {},
    ping: () => {},
    rename: (_from, { name }) => ({ name }),
    // @ts-expect-error -- not in the contract
    shout: () => {},
  });
}

export class WrongState extends Party.for(chat)<Env> {
  // @ts-expect-error -- `seen` is missing
  override authorize() {
    return { name: "guest" };
  }
}

/** Calls without input, and calls that happen once. */
const bank = defineContract({
  calls: {
    balance: { output: type<number>() },
    pay: { input: type<{ cents: number }>(), output: type<{ left: number }>(), once: true },
    close: { output: type<void>(), once: true },
    log: { output: type<void>() },
  },
});

export class Bank extends Party.for(bank)<Env> {
  readonly on = this.handle({
    balance: async (from) => from.id.length,
    pay: (_from, { cents }) => ({ left: cents satisfies number }),
    close: () => {},
    log: async () => {},
  });
}

export class AsyncBank extends Party.for(bank)<Env> {
  readonly on = this.handle({
    balance: (_from, input) => (input satisfies undefined) ?? 0,
    // @ts-expect-error -- a call that happens once is one transaction: its handler is not async
    pay: async () => ({ left: 0 }),
    // @ts-expect-error -- nor where nothing is answered
    close: async () => {},
    // It may end early, and may give undefined.
    log: () => undefined,
  });
}

/** A name for what hovers and errors would spell out. */
type T = typeof chat;
interface ChatContract extends T {}

export class NamedChat extends Party.for<ChatContract>(chat)<Env> {
  override authorize() {
    return { name: "guest", seen: [] };
  }

  override onConnect(connection: ConnectionOf<ChatContract>) {
    connection.state.name satisfies string;
    this.emit("said", { by: "room", text: connection.state.name });
  }
}

/** Asynchronous handlers, and a contract with nothing but events. */
const events = defineContract({ fromClient: { say: type<string>() } });

export class Events extends Party.for(events)<Env> {
  readonly on = this.handle({ say: async (from, text) => from.send(text satisfies string) });
}

/** What several parties of one app share, as a mixin. See examples/test for its declaration. */
// oxlint-disable-next-line typescript/no-explicit-any -- TypeScript asks for it in a mixin
type Constructor<Instance> = new (...parameters: any[]) => Instance;

/** No more than the mixin needs: what it names twice, such as `handle`, would have two types. */
interface Startable {
  readonly ctx: DurableObjectState;
  onStart(): void | Promise<void>;
}

function withVersion<Base extends Constructor<Startable>>(base: Base) {
  return class extends base {
    version = 1;

    override onStart() {
      this.ctx.storage satisfies DurableObjectStorage;
    }
  };
}

export class Versioned extends withVersion(Party.for(events)<Env>) {
  readonly on = this.handle({ say: (from, text) => from.send(text satisfies string) });

  test() {
    this.version satisfies number;
    this.env.CHAT satisfies DurableObjectNamespace<Chat>;
  }
}

export class Raw extends Party<Env> {
  override onConnect(connection: Connection) {
    connection.setState({ name: "Ada" });
    this.getConnections()[0]?.state satisfies unknown;
    this.getConnections<{ name: string }>()[0]?.state?.name satisfies string | undefined;
    // @ts-expect-error -- a party without a contract has no events
    this.emit("said", {});
  }

  override onMessage(connection: Connection<{ name: string }>, message: Message) {
    connection.state?.name satisfies string | undefined;
    message satisfies string | ArrayBuffer;
    // @ts-expect-error -- the state may be null
    connection.state.name satisfies string;
  }
}

/** The types as their users write them, with nothing inferred. */
declare const contractOfNames: ConnectionOf<typeof events>;
contractOfNames.id satisfies string;

export type Expectations = [Chat, Events, Raw];
