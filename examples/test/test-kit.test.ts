import { afterAll, describe, expect, it } from "vitest";
import { Consumer, WORKER } from "./consumer";

const CONFIG = JSON.stringify({
  name: "kit",
  main: "./worker.ts",
  compatibility_date: "2026-08-01",
  durable_objects: {
    bindings: ["Chat", "Old"].map((name) => ({ name: name.toUpperCase(), class_name: name })),
  },
  migrations: [{ tag: "v1", new_sqlite_classes: ["Chat", "Old"] }],
});

const ROOM = `
import { Party, PartyError, presence, sharedState, type } from "partyflare";
import { Server } from "partyflare/compat/partyserver";
import { defineContract } from "@partyflare/shared";

export const chat = defineContract({
  fromClient: { say: type<{ text: string }>() },
  fromServer: { said: type<{ by: string; text: string }>(), reminded: type<void>() },
  calls: { rename: { input: type<{ name: string }>(), output: type<{ name: string }>() } },
  member: type<{ name: string }>(),
  shared: type<{ topic: string }>(),
  state: type<{ name: string }>(),
});

export interface Env {
  CHAT: DurableObjectNamespace<Chat>;
  OLD: DurableObjectNamespace<Old>;
}

export class Old extends Server {
  static options = { hibernate: true };
  onMessage(_connection: unknown, message: string | ArrayBuffer) {
    this.broadcast(message);
  }
}

export class Chat extends Party.for(chat)<Env> {
  static options = { hibernate: true };
  readonly who = this.use(presence({ who: ({ state }) => ({ name: state.name }) }));
  readonly topic = this.use(sharedState({ initial: { topic: "Welcome" } }));
  readonly on = this.handle({
    say: (from, { text }) => this.emit("said", { by: from.id, text }),
    rename: async (from, { name }) => {
      from.setState({ name });
      await this.ctx.storage.setAlarm(Date.now() + 50_000);
      return { name };
    },
  });
  authorize(_request: Request, { token }: { token?: string }) {
    if (!token) throw new PartyError("unauthorized");
    return { name: token };
  }
  onMessage(_connection: unknown, message: string | ArrayBuffer) {
    this.broadcast(message);
  }
  onAlarm() {
    this.emit("reminded");
  }
}

export default { fetch: () => new Response("Not Found", { status: 404 }) };
`;

const TEST = `
import { presence } from "@partyflare/client";
import { env as bindings } from "cloudflare:workers";
import { openRoom } from "partyflare/testing";
import { expect, it } from "vitest";
import type { chat, Env } from "./worker";

const env = bindings as unknown as Env;

it("does everything", async () => {
  const room = await openRoom(env.CHAT, "lobby");
  const ada = await room.join<typeof chat>({ token: "ada" });
  ada.emit("say", { text: "hello" });
  expect(await ada.next("said")).toEqual({ by: ada.id, text: "hello" });
  await ada.call("rename", { name: "Ada" });
  await room.sleep();
  await room.restart();
  await room.advance(60_000);
  await ada.next("reminded");
  ada.cut();
  await ada.reconnect();
  await ada.waitUntil(() => ada.presence.size === 1);
  await ada.waitUntil(() => ada.shared.value?.topic === "Welcome");
  // One copy of the client, also for its other functions.
  expect(presence(ada.room)).toBe(ada.presence);
  const raw = await room.joinRaw({ token: "bob" });
  raw.send("hello");
  expect(await raw.next()).toBe("hello");
  await expect(room.join()).rejects.toMatchObject({ code: "unauthorized" });
  await ada.nothing().catch(({ message }) => expect(message).toContain('text "hello"'));
  await ada.close();
});

it("opens a class of partyserver", async () => {
  const room = await openRoom(env.OLD, "caf%C3%A9");
  const ada = await room.joinRaw({ id: "ada" });
  await room.sleep();
  ada.send("hello");
  expect(await ada.next()).toBe("hello");
  expect(await room.run((old) => old.name)).toBe("caf%C3%A9");
});
`;

/** Without Vitest, whose own libraries do not compile beside the types of Workers. */
const TYPED = `
import { openRoom, type TestClient, type TestRoom } from "partyflare/testing";
import type { Chat, chat, Env } from "./worker";

export async function open({ CHAT }: Env): Promise<[TestRoom<Chat>, TestClient<typeof chat>]> {
  const room = await openRoom(CHAT);
  const ada = await room.join({ token: "ada" });
  const { by, text }: { by: string; text: string } = await ada.next("said");
  ada.emit("say", { text: by + text + ada.presence.size + ada.shared.value?.topic });
  // @ts-expect-error -- the contract has no such call
  void ada.call("renam", { name: "" });
  const names: string[] = await room.run((party) =>
    party.getConnections().map(({ state }) => state.name),
  );
  return [room, await room.join<typeof chat>({ id: names[0] })];
}
`;

const DEPENDENCIES = [
  "partyflare",
  "@partyflare/client",
  "@partyflare/shared",
  "@cloudflare/workers-types",
  "vitest",
];

const projects: Consumer[] = [];
afterAll(() => {
  for (const project of projects) project.dispose();
});

/** A project that has installed our packages and some others. */
function projectWith(...others: string[]): Consumer {
  const project = new Consumer([...DEPENDENCIES, ...others]);
  projects.push(project);
  return project;
}

/** The server's own tests run on one of them, and the starter's projects on the other. */
const isFull = Number(process.env["PARTYFLARE_SCALE"]) >= 1;

describe.each(["@cloudflare/vitest-pool-workers", "@cloudflare/vitest-plugin"])(
  "a project with %s",
  (plugin) => {
    it.runIf(isFull)("runs a test of the kit", async () => {
      const project = projectWith(plugin);
      project.write("worker.ts", ROOM);
      project.write("kit.test.ts", TEST);
      project.write("wrangler.jsonc", CONFIG);
      project.write("package.json", '{ "type": "module" }');
      project.write(
        "vitest.config.ts",
        `import { cloudflareTest } from "${plugin}";
         export default {
           plugins: [cloudflareTest({ wrangler: { configPath: "./wrangler.jsonc" } })],
           test: { testTimeout: 60_000 },
         };`,
      );
      const { stdout } = await project.node("node_modules/vitest/vitest.mjs", "run");
      expect(stdout).toMatch(/Tests +2 passed \(2\)/);
    });
  },
);

describe("a project with the kit", () => {
  it("compiles a test with every library checked", () => {
    const project = projectWith();
    const files = { "worker.ts": ROOM, "typed.ts": TYPED };
    expect(project.compile({ ...WORKER, skipLibCheck: false }, files).errors).toEqual([]);
  });

  it("learns that the kit runs in the Workers pool alone", async () => {
    const project = projectWith();
    const code = `
      import { openRoom } from "partyflare/testing";
      await openRoom({}).catch(({ message }) => console.log(message));
    `;
    project.write("plain.mjs", code);
    const { stdout } = await project.node("plain.mjs");
    expect(stdout).toBe(
      "partyflare/testing runs in Vitest's Workers pool: add cloudflareTest() to the plugins of vitest.config.ts.\n",
    );
  });

  it("learns in plain Vitest that the kit runs in the Workers pool alone", async () => {
    const project = projectWith();
    project.write(
      "plain.test.mjs",
      `import { openRoom } from "partyflare/testing";
       import { expect, it } from "vitest";
       it("says it", () => expect(openRoom({})).rejects.toThrow("runs in Vitest's Workers pool"));`,
    );
    const { stdout } = await project.node("node_modules/vitest/vitest.mjs", "run");
    expect(stdout).toMatch(/Tests +1 passed \(1\)/);
  });
});
