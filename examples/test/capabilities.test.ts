import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type * as Client from "@partyflare/client";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { codeBlocks, readDocument, ROOT } from "./documents";
import { PATIENCE } from "./recipe";
import { type RunningWorker, startWorker } from "./worker-process";

const blocks = codeBlocks(readDocument("docs/capabilities.md"));

/** The code of the page for a file of this repository. */
function codeOf(fileName: string): string {
  const block = blocks.find((each) => each.fileName === fileName);
  if (!block) throw new Error(`The page has no ${fileName}.`);
  return block.code;
}

const SERVER = codeOf("packages/server/src/capabilities/visits/visits.ts");
const CLIENT = codeOf("packages/client/src/capabilities/visits/visits.ts");

const WORKER = `
import { Party } from "partyflare";
import { visits } from "./visits";

export class Lobby extends Party {
  static options = { hibernate: true };
  visits = this.use(visits());
  onRequest() {
    return Response.json(this.visits.count());
  }
}

export default {
  fetch: (request, env) => Party.fetchRoomForRequest(request, env) || new Response(null, { status: 404 }),
};
`;

const CONFIG = {
  name: "visits",
  main: "./worker.js",
  compatibility_date: "2026-08-01",
  durable_objects: { bindings: [{ name: "Lobby", class_name: "Lobby" }] },
  migrations: [{ tag: "v1", new_sqlite_classes: ["Lobby"] }],
};

/** What the client's half exports. */
interface Visits {
  visits(room: object): {
    readonly count: number | undefined;
    subscribe(listener: (count: number) => void): () => void;
  };
}

describe("the capability of docs/capabilities.md", () => {
  const folder = mkdtempSync(join(tmpdir(), "partyflare-capability-"));
  const source = join(ROOT, "packages/client/src");
  let worker: RunningWorker;
  let client: typeof Client;
  let page: Visits;

  beforeAll(async () => {
    writeFileSync(join(folder, "visits.ts"), SERVER);
    writeFileSync(join(folder, "worker.js"), WORKER);
    writeFileSync(join(folder, "wrangler.jsonc"), JSON.stringify(CONFIG));
    symlinkSync(join(ROOT, "examples/node_modules"), join(folder, "node_modules"));
    worker = await startWorker(join(folder, "wrangler.jsonc"));
    // The seam is not public: the client's half runs with the client's own sources.
    const { outputText } = ts.transpileModule(CLIENT.replaceAll('"../../', `"${source}/`), {
      compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 },
    });
    writeFileSync(join(folder, "client-visits.mjs"), outputText);
    client = (await import(join(source, "index.ts"))) as typeof Client;
    page = (await import(join(folder, "client-visits.mjs"))) as Visits;
  });

  afterAll(async () => {
    await worker[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  it("has less than 60 lines of code, on both sides together", () => {
    const lines = `${SERVER}${CLIENT}`.split("\n").filter((line) => line.trim() !== "");
    expect(lines.length).toBeLessThan(60);
  });

  it("counts visits for the room and for clients that ask, through hibernation", async () => {
    const address = { host: worker.url.host, party: "lobby", room: crypto.randomUUID() };
    const ada = client.connect(address);
    const counts: number[] = [];
    page.visits(ada).subscribe((count) => counts.push(count));
    await vi.waitFor(() => expect(page.visits(ada).count).toBe(1), PATIENCE);
    await worker.hibernate("Lobby", address.room);
    const bob = client.connect(address);
    await vi.waitFor(() => expect(bob.status.state).toBe("open"), PATIENCE);
    await vi.waitFor(() => expect(page.visits(ada).count).toBe(2), PATIENCE);
    // Asked for on an open connection.
    expect(page.visits(bob).count).toBeUndefined();
    await vi.waitFor(() => expect(page.visits(bob).count).toBe(2), PATIENCE);
    expect(counts).toEqual([0, 1, 2]);
    const url = new URL(`/parties/lobby/${address.room}`, worker.url);
    expect(await (await fetch(url)).json()).toBe(2);
    ada.close();
    bob.close();
  });
});
