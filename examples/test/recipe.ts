import { connect, type ConnectOptions, type Room } from "@partyflare/client";
import type { AnyContract, PartyError } from "@partyflare/shared";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import ts from "typescript";
import { expect, vi } from "vitest";
import { type ClientOptions, WebSocket } from "ws";
import { codeBlocks, readDocument, ROOT } from "./documents";
import { type RunningWorker, startWorker } from "./worker-process";

/** Folders with the dependencies of a reader's project. */
const MODULES = [join(ROOT, "examples/node_modules"), join(ROOT, "node_modules")];

const EXECUTABLES = join(ROOT, "node_modules/.bin");

/**
 * A generous timeout for busy machines. It is shorter than a test's own, so that a failure shows
 * the assertion.
 */
export const PATIENCE = { timeout: 55_000 };

/** The parts that a page leaves to its reader: the configuration of a Worker with one party. */
interface RecipeOptions {
  /** The class of the room, and the name of its binding. */
  party: string;
  /** Default: `worker.ts`. */
  main?: string;
  /** Further fields of the configuration. */
  config?: object;
}

/** The files of a page, in their own folder, as a reader would copy them. */
export class Recipe implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), "partyflare-recipe-"));
  readonly #processes: ChildProcess[] = [];
  #worker: RunningWorker | undefined;

  /** @param page its path from the repository's folder. */
  constructor(page: string, { party, main = "worker.ts", config = {} }: RecipeOptions) {
    this.write("wrangler.jsonc", JSON.stringify({ ...configOf(party, main), ...config }));
    this.write("package.json", JSON.stringify({ name: "recipe", type: "module" }));
    for (const { fileName, code } of codeBlocks(readDocument(page))) {
      if (fileName) this.write(fileName, code);
    }
    linkModules(join(this.folder, "node_modules"));
  }

  write(file: string, text: string): void {
    const path = join(this.folder, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  /** Starts the Worker of `wrangler.jsonc`, and the Workers of other configurations. */
  async start(...others: string[]): Promise<RunningWorker> {
    const configs = ["wrangler.jsonc", ...others].map((file) => join(this.folder, file));
    this.#worker = await startWorker(...configs);
    return this.#worker;
  }

  /** Runs a program for pages in Node, with the Worker's address as its page. */
  run(file: string): Program {
    const url = this.#worker?.url.href ?? "";
    const code = ts.sys.readFile(join(this.folder, file)) ?? "";
    const { outputText } = ts.transpileModule(code, {
      compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 },
    });
    this.write(`${file}.mjs`, PRELUDE.replace("URL_OF_PAGE", url) + outputText);
    return this.node(`${file}.mjs`);
  }

  /** Runs Node in the folder. */
  node(...parameters: string[]): Program {
    const program = new Program(parameters, this.folder);
    this.#processes.push(program.process);
    return program;
  }

  /** Runs a tool of the repository in the folder, and returns what it printed. */
  async tool(name: string, ...parameters: string[]): Promise<string> {
    const found = [EXECUTABLES, join(ROOT, "examples/node_modules/.bin")].find((folder) =>
      ts.sys.fileExists(join(folder, name)),
    );
    const options = { cwd: this.folder, env: { ...process.env, NODE_OPTIONS: "", NO_COLOR: "1" } };
    const done = promisify(execFile)(join(found ?? "", name), parameters, options);
    // A failed tool prints the reason to its output.
    const { stdout, stderr } = await done.catch(
      (error: { stdout: string; stderr: string }) => error,
    );
    return stdout + stderr;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const process of this.#processes) process.kill();
    await this.#worker?.[Symbol.asyncDispose]();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Makes Node look like a page: it has a location, and requests are relative to it. */
const PRELUDE = `
globalThis.location = new URL("URL_OF_PAGE");
const send = globalThis.fetch;
globalThis.fetch = (input, init) => send(new URL(input, location), init);
`;

/** A running program and its output. */
class Program {
  readonly process: ChildProcess;
  #output = "";

  constructor(parameters: readonly string[], cwd: string) {
    const env = { ...process.env, NODE_OPTIONS: "", NO_COLOR: "1" };
    const stdio: ["ignore", "pipe", "pipe"] = ["ignore", "pipe", "pipe"];
    this.process = spawn(process.execPath, parameters, { cwd, env, stdio });
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream?.on("data", (data: Buffer) => (this.#output += data.toString()));
    }
  }

  get output(): string {
    return this.#output;
  }
}

/**
 * Connects a client to a page's room. Only the page has the contract, so names and data are not
 * checked.
 */
export function enter(
  worker: Pick<RunningWorker, "url">,
  options: Omit<ConnectOptions, "host">,
): Room<AnyContract> {
  return connect<AnyContract>({ host: worker.url.host, ...options });
}

/** The WebSocket of a browser that adds its own headers. */
export function browserWith(options: ClientOptions): ConnectOptions["WebSocket"] {
  return class extends WebSocket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols, options);
    }
  } as never;
}

export async function isOpen(room: ReturnType<typeof enter>): Promise<void> {
  await vi.waitFor(() => expect(room.status.state).toBe("open"), PATIENCE);
}

/** Resolves to the error of a room's final close. */
export function refusalOf(room: Room<AnyContract>): Promise<PartyError | undefined> {
  return new Promise((resolve) => {
    room.onStatus((status) => {
      if (status.state === "closed") resolve(status.error);
    });
  });
}

function configOf(party: string, main: string): object {
  return {
    name: "recipe",
    main: `./${main}`,
    compatibility_date: "2026-08-01",
    durable_objects: { bindings: [{ name: party, class_name: party }] },
    migrations: [{ tag: "v1", new_sqlite_classes: [party] }],
  };
}

function linkModules(folder: string): void {
  mkdirSync(folder);
  for (const modules of MODULES) {
    for (const name of readdirSync(modules)) {
      const target = join(folder, name);
      if (!name.startsWith(".") && !ts.sys.directoryExists(target)) {
        symlinkSync(join(modules, name), target, "junction");
      }
    }
  }
}
