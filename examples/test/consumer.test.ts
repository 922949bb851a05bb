import ts from "typescript";
import { afterAll, describe, expect, it } from "vitest";
import { Consumer, PAGE, WORKER } from "./consumer";
import { readDocument } from "./documents";

const CONTRACT = `
import { defineContract, type } from "@partyflare/shared";
import * as z from "zod";

export const chat = defineContract({
  fromClient: { say: z.object({ text: z.string() }), ping: type<void>() },
  fromServer: { said: type<{ by: string; text: string }>(), pong: type<void>() },
  calls: {
    rename: {
      input: type<{ name: string }>(),
      output: type<{ name: string }>(),
      errors: { name_taken: type<{ suggestion: string }>() },
    },
    count: { output: type<number>() },
    save: { input: type<{ name: string }>(), output: type<void>(), once: true },
  },
  state: type<{ name: string }>(),
  tags: ["host", "guest"],
});

type T = typeof chat;
export interface ChatContract extends T {}
`;

const ROOM = `
import { type ConnectionOf, defineContract, history, Party, type } from "partyflare";
import { chat, type ChatContract } from "./contract";

export interface Env {
  CHAT: DurableObjectNamespace<Chat>;
}

export class Chat extends Party.for(chat)<Env> {
  static options = { hibernate: true };
  readonly history = this.use(history({ events: ["said"] }));
  readonly on = this.handle({
    say: (from, { text }) => this.emit("said", { by: from.id, text }),
    ping: () => this.emit("pong"),
    rename: (_from, { name }) => ({ name }),
    count: () => this.getConnections().length,
    save: () => {},
  });
  authorize() {
    return { name: "Ada" };
  }
  visitors() {
    return this.getConnections().length;
  }
}

export class Named extends Party.for<ChatContract>(chat)<Env> {
  greet(connection: ConnectionOf<ChatContract>) {
    connection.emit("pong");
    return this.transactionSync(() => connection.state.name);
  }
}

/** Without @partyflare/shared. */
export const own = type<{ mine: string }>();
export const ownContract = defineContract({ fromServer: { own } });
export const ownParty = Party.for(ownContract);

type Constructor<Instance> = new (...parameters: any[]) => Instance;

export function WithVersion<Base extends Constructor<Party<Env>>>(base: Base) {
  return class extends base {
    version = 1;
    onStart() {
      void this.ctx.storage;
    }
  };
}

export const Mixed = WithVersion(Party.for(chat)<Env>);
export class Both extends Mixed {
  versionTwice = this.version * 2;
}
export const Anonymous = class extends Party.for(chat)<Env> {
  version = 2;
};
export const raw = class extends Party<Env> {};

export async function publish(env: Env) {
  const stub = Party.withRoom(env.CHAT, "lobby");
  await stub.emit("said", { by: "cron", text: "hello" });
  return stub.visitors();
}

export default {
  async fetch(request, env) {
    return (await Party.fetchRoomForRequest(request, env)) ?? new Response(null, { status: 404 });
  },
} satisfies ExportedHandler<Env>;
`;

const PAGE_SOURCE = `
import { connect, PartyError } from "@partyflare/client";
import { useCall, useEvent, useHistory, useRoom, useStatus } from "@partyflare/client/react";
import type { chat, ChatContract } from "./contract";

export const room = connect<typeof chat>({ party: "chat", room: "lobby" });
export const named = connect<ChatContract>({ party: "chat", room: "lobby" });
room.emit("say", { text: "hello" });
export const count = () => room.call("count");
export const rename = (name: string) =>
  named.call("rename", { name }).catch((error) => {
    if (error.code === "name_taken") return { name: error.data.suggestion };
    throw error;
  });
export function useChat() {
  const joined = useRoom<ChatContract>({ party: "chat", room: "lobby" });
  useEvent(joined, "said", ({ by, text }) => void (by + text));
  const status = useStatus(joined);
  return { ...useCall(joined, "rename"), ...useHistory(joined, "said"), status };
}
export const refusal: PartyError = new PartyError("forbidden");
`;

const WORKER_FILES = { "contract.ts": CONTRACT, "room.ts": ROOM };
const PAGE_FILES = { "contract.ts": CONTRACT, "page.ts": PAGE_SOURCE };

const SERVER = ["partyflare", "@partyflare/shared", "@cloudflare/workers-types", "zod"];
const CLIENT = ["@partyflare/client", "@partyflare/shared", "@types/react", "zod"];

/** The options of Cloudflare's own template. */
const NODE10: ts.CompilerOptions = {
  moduleResolution: ts.ModuleResolutionKind.Node10,
  ignoreDeprecations: "6.0",
};

const server = new Consumer(SERVER);
const client = new Consumer(CLIENT);
const inWorker = new Consumer([
  "@partyflare/client",
  "@partyflare/shared",
  "@cloudflare/workers-types",
]);
afterAll(() => {
  inWorker.dispose();
  server.dispose();
  client.dispose();
});

describe("a project that depends on our packages alone", () => {
  const worker = server.compile({ ...WORKER, skipLibCheck: false }, WORKER_FILES);
  const page = client.compile({ ...PAGE, skipLibCheck: false }, PAGE_FILES);

  it("compiles with declarations, in strict, with every library checked", () => {
    expect(worker.errors).toEqual([]);
    expect(page.errors).toEqual([]);
  });

  it("compiles the client in a Worker, without the DOM's types, with every library checked", () => {
    const source = `
      import { connect, PartySocket } from "@partyflare/client";
      export const socket = new PartySocket({ host: "example.com", party: "chat", room: "a" });
      socket.addEventListener("message", ({ data }) => void (data satisfies string | ArrayBuffer | Blob));
      export const room = connect({ host: "example.com", party: "chat", room: "a" });
    `;
    expect(
      inWorker.compile({ ...WORKER, skipLibCheck: false }, { "call.ts": source }).errors,
    ).toEqual([]);
  });

  it("has declarations that name nothing but what it depends on", () => {
    const texts = Object.values({ ...worker.declarations, ...page.declarations });
    const imported = texts.flatMap((text) =>
      [...text.matchAll(/(?:from|import\(?)\s*"([^"]+)"|import\("([^"]+)"\)/g)].map(
        ([, plain, inline]) => plain ?? inline,
      ),
    );
    expect(imported.length).toBeGreaterThan(0);
    const known = [...SERVER, ...CLIENT, "@partyflare/client/react", "./contract", "zod/v4/core"];
    expect(imported.filter((name) => !known.includes(name ?? ""))).toEqual([]);
  });

  it("has declarations that compile where the sources are not", () => {
    const declared = Object.entries(worker.declarations);
    const files = declared.map(([name, text]) => [name.replace(/\.ts$/, ".d.ts"), text]);
    const check = `
      import { type Chat, Mixed } from "./room";
      export const text = (chat: Chat) => chat.emit("said", { by: "x", text: "y" });
      export class More extends Mixed { more = this.version; }
    `;
    const again = server.compile(
      { ...WORKER, skipLibCheck: false },
      { ...Object.fromEntries(files), "more.ts": check },
    );
    expect(again.errors).toEqual([]);
  });

  it("sees the name of a contract in hovers, where it has one", () => {
    expect(page.hover("page.ts", "named = connect")).toBe("Room<ChatContract>");
    expect(page.hover("page.ts", "room = connect")).toMatch(/^Room<\{ readonly fromClient/);
  });
});

describe("moduleResolution: node", () => {
  it("finds the server", () => {
    expect(server.compile({ ...WORKER, ...NODE10 }, WORKER_FILES).errors).toEqual([]);
  });

  it("finds the client and its React hooks", () => {
    const files = {
      ...PAGE_FILES,
      "contract.ts": CONTRACT.replace(/z\.object.*\}\)/, "type<{ text: string }>()").replace(
        /import \* as z.*/,
        "",
      ),
    };
    expect(client.compile({ ...PAGE, ...NODE10, skipLibCheck: true }, files).errors).toEqual([]);
  });
});

describe("@cloudflare/workers-types 4", () => {
  it("may stand beside a party, and so may version 5", () => {
    const { peerDependencies } = JSON.parse(readDocument("packages/server/package.json").text);
    expect(peerDependencies).toMatchObject({ "@cloudflare/workers-types": "^4 || ^5" });
  });

  it("types a party as version 5 does, with every library checked", () => {
    const old = new Consumer(SERVER, {
      "@cloudflare/workers-types": "examples/node_modules/workers-types-4",
    });
    const { errors } = old.compile({ ...WORKER, skipLibCheck: false }, WORKER_FILES);
    old.dispose();
    expect(errors).toEqual([]);
  });
});
