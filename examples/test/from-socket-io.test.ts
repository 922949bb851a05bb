import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { PATIENCE, Recipe } from "./recipe";

/** What both programs of the page offer to their users. */
interface Visitor {
  say(text: string): unknown;
  type(): unknown;
  enter(group: string): unknown;
  notify(group: string, text: string): unknown;
  send(bytes: Uint8Array): unknown;
  rename(to: string): Promise<string>;
  leave(): unknown;
}

type Join = (address: string, name: string, show: (line: string) => void) => Visitor;

const recipe = new Recipe("docs/guide/from-socket-io.md", { party: "Team" });
afterAll(() => recipe[Symbol.asyncDispose]());

/** Imports a module of the page. */
async function load<Module>(file: string): Promise<Module> {
  return (await import(/* @vite-ignore */ pathToFileURL(join(recipe.folder, file)).href)) as Module;
}

/** Starts one of the programs. Both are addressed by host and port. */
interface Program {
  join: Join;
  port: number;
  /** Whether it keeps what a visitor has changed of its own state over a lost connection. */
  keepsState: boolean;
  /** Whether it never queues volatile events. Socket.IO does until it knows that it is offline. */
  neverQueuesVolatile: boolean;
  stop(): Promise<unknown>;
}

const PROGRAMS: Record<string, () => Promise<Program>> = {
  async "Socket.IO"() {
    const { serve } = await load<{ serve(port: number): SocketIoServer }>("socket-io/server.js");
    const { join: joinUrl } = await load<{ join: Join }>("socket-io/client.js");
    const io = serve(0);
    if (!io.httpServer.listening) await once(io.httpServer, "listening");
    const { port } = io.httpServer.address() as AddressInfo;
    const join: Join = (host, ...rest) => joinUrl(`http://${host}`, ...rest);
    return { join, port, keepsState: true, neverQueuesVolatile: false, stop: () => io.close() };
  },
  async partyflare() {
    const worker = await recipe.start();
    const code = ts.sys.readFile(`${recipe.folder}/client.ts`) ?? "";
    const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 };
    recipe.write("client.mjs", ts.transpileModule(code, { compilerOptions }).outputText);
    const { join } = await load<{ join: Join }>("client.mjs");
    const port = Number(worker.url.port);
    return { join, port, keepsState: false, neverQueuesVolatile: true, stop: async () => {} };
  },
};

interface SocketIoServer {
  readonly httpServer: Server;
  close(): Promise<void>;
}

describe.each(Object.entries(PROGRAMS))("the program of the page, with %s", (_name, start) => {
  let program: Program;

  beforeAll(async () => {
    program = await start();
  });
  afterAll(() => program.stop());

  /** Connects a visitor, directly or through a network that a test can cut. */
  async function enter(name: string, port = program.port) {
    const lines: string[] = [];
    const visitor = program.join(`127.0.0.1:${port}`, name, (line) => lines.push(line));
    onTestFinished(() => void visitor.leave());
    const sees = (...expected: string[]) =>
      vi.waitFor(() => expect(lines).toEqual(expect.arrayContaining(expected)), PATIENCE);
    if (name !== "") await sees("connected");
    return { ...visitor, lines, sees };
  }

  it("sends events to all, also their sender, or to all others", async () => {
    const [ada, bob] = [await enter("ada"), await enter("bob")];
    ada.type();
    ada.say("hello");
    await bob.sees("ada is typing", "ada: hello");
    await ada.sees("ada: hello");
    expect(ada.lines).not.toContain("ada is typing");
  });

  it("acknowledges, and refuses with a code", async () => {
    const [ada, bob] = [await enter("ada"), await enter("bob")];
    expect(await ada.rename("bob")).toBe("refused: name_taken");
    expect(await ada.rename("countess")).toBe("countess");
    ada.say("hello");
    await bob.sees("countess: hello");
  });

  it("reaches a group, and nobody else", async () => {
    const [ada, bob] = [await enter("ada"), await enter("bob")];
    ada.enter("staff");
    ada.notify("staff", "for staff");
    await ada.sees("notice: for staff");
    ada.say("for all");
    await bob.sees("ada: for all");
    expect(bob.lines).not.toContain("notice: for staff");
  });

  it("sends bytes to all others", async () => {
    const [ada, bob] = [await enter("ada"), await enter("bob")];
    ada.send(new Uint8Array(1_000));
    await bob.sees("a picture of 1000 bytes");
    ada.say("sent");
    await ada.sees("ada: sent");
    expect(ada.lines.join()).not.toContain("picture");
  });

  it("refuses a visitor without a name", async () => {
    await (await enter("")).sees("refused: unauthorized");
  });

  it("recovers what was said while a visitor was away, in order and once", async () => {
    const network = await Network.to(program.port);
    onTestFinished(() => network.close());
    const ada = await enter("ada");
    const bob = await enter("bob", network.port);
    ada.say("before");
    await bob.sees("ada: before");
    await bob.rename("robert");
    network.cut();
    await bob.sees("disconnected");
    bob.type();
    for (const text of ["one", "two"]) ada.say(text);
    await ada.sees("ada: two");
    network.restore();
    ada.say("three");
    await bob.sees("ada: three");
    const said = bob.lines.filter((line) => line.startsWith("ada:"));
    expect(said).toEqual(["ada: before", "ada: one", "ada: two", "ada: three"]);
    bob.say("here again");
    await ada.sees(`${program.keepsState ? "robert" : "bob"}: here again`);
    if (program.neverQueuesVolatile) expect(ada.lines.join()).not.toContain("is typing");
  });
});

/** A network that can be cut: it closes all connections, and takes no new ones. */
class Network {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isCut = false;

  private constructor(target: number) {
    this.#server = createServer((client) => {
      if (this.#isCut) {
        client.destroy();
        return;
      }
      const server = connect(target, "127.0.0.1");
      for (const [from, to] of [
        [client, server],
        [server, client],
      ] as const) {
        this.#sockets.add(from);
        from.on("error", () => {}).on("close", () => to.destroy());
        from.pipe(to);
      }
    });
  }

  static async to(target: number): Promise<Network> {
    const network = new Network(target);
    network.#server.listen(0, "127.0.0.1");
    await once(network.#server, "listening");
    return network;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
  }

  restore(): void {
    this.#isCut = false;
  }

  close(): void {
    this.cut();
    this.#server.close();
  }
}
