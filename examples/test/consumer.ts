import { execFile } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { promisify } from "node:util";
import ts from "typescript";
import { ROOT } from "./documents";

/** The third-party packages that a project can depend on: names, and their locations. */
const THIRD_PARTIES: Record<string, string> = {
  "@cloudflare/vitest-plugin": "examples/node_modules/@cloudflare/vitest-plugin",
  "@cloudflare/vitest-pool-workers": "examples/node_modules/@cloudflare/vitest-pool-workers",
  "@cloudflare/workers-types": "examples/node_modules/@cloudflare/workers-types",
  "@types/react": "examples/node_modules/@types/react",
  react: "examples/node_modules/react",
  "event-target-polyfill": "examples/node_modules/event-target-polyfill",
  vitest: "node_modules/vitest",
  zod: "examples/node_modules/zod",
  "@standard-schema/spec": "packages/shared/node_modules/@standard-schema/spec",
  partysocket: "packages/client/node_modules/partysocket",
};

/** Our packages: their folders, their dependencies, and what they take if the project has it. */
const PACKAGES: Record<
  string,
  { folder: string; dependencies: readonly string[]; peers?: readonly string[] }
> = {
  "@partyflare/shared": { folder: "packages/shared", dependencies: ["@standard-schema/spec"] },
  "@partyflare/client": {
    folder: "packages/client",
    dependencies: ["@partyflare/shared", "partysocket", "react", "@types/react"],
  },
  partyflare: {
    folder: "packages/server",
    dependencies: ["@partyflare/shared"],
    peers: ["@partyflare/client", "vitest"],
  },
};

const BASE: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  moduleDetection: ts.ModuleDetectionKind.Force,
  jsx: ts.JsxEmit.ReactJSX,
  strict: true,
  declaration: true,
  emitDeclarationOnly: true,
};

/** The options of a Worker's project, as `wrangler init` creates it. */
export const WORKER: ts.CompilerOptions = {
  ...BASE,
  lib: ["lib.es2023.d.ts"],
  types: ["@cloudflare/workers-types"],
};

/** The options of a page's project. */
export const PAGE: ts.CompilerOptions = {
  ...BASE,
  lib: ["lib.es2023.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
  types: [],
};

/** The result of a compilation: for the project's own files, and for files that they import. */
export interface Compilation {
  /** `worker.ts:3: TS2322: Type …`, in order. */
  readonly errors: readonly string[];
  /** The emitted declarations, by the names of their sources: `worker.ts`. */
  readonly declarations: Readonly<Record<string, string>>;
  /** Returns the type that an editor shows for the first occurrence of a text in a file. */
  hover(file: string, text: string): string;
}

/**
 * A third-party project. It finds our packages as they are published. As with pnpm, it finds only
 * packages that it depends on itself.
 */
export class Consumer {
  readonly #folder = realpathSync(mkdtempSync(join(tmpdir(), "partyflare-consumer-")));

  /**
   * @param dependencies the names of the packages that it depends on.
   * @param instead packages that it finds under another's name: folders, from the root.
   */
  constructor(dependencies: readonly string[], instead: Record<string, string> = {}) {
    for (const [name, { folder, dependencies: own, peers = [] }] of Object.entries(PACKAGES)) {
      for (const part of ["package.json", "dist"]) {
        cpSync(join(ROOT, folder, part), join(this.#stored(name), part), { recursive: true });
      }
      const inner = [...own, ...peers.filter((peer) => dependencies.includes(peer))];
      for (const each of inner) this.#link(each, dirname(this.#modulesOf(name)), instead);
    }
    for (const name of dependencies) this.#link(name, this.#folder, instead);
  }

  /** Compiles files, by their names. They may exist only in memory. */
  compile(options: ts.CompilerOptions, files: Readonly<Record<string, string>>): Compilation {
    const sources = new Map(
      Object.entries(files).map(([name, code]) => [join(this.#folder, name), code]),
    );
    const folders = new Set([...sources.keys()].map((path) => dirname(path)));
    const disk = ts.createCompilerHost(options);
    const host: ts.CompilerHost = {
      ...disk,
      getCurrentDirectory: () => this.#folder,
      fileExists: (path) => sources.has(path) || disk.fileExists(path),
      readFile: (path) => sources.get(path) ?? disk.readFile(path),
      directoryExists: (path) => folders.has(path) || ts.sys.directoryExists(path),
      getSourceFile(path, languageVersion, ...others) {
        const code = sources.get(path);
        return code === undefined
          ? disk.getSourceFile(path, languageVersion, ...others)
          : ts.createSourceFile(path, code, languageVersion);
      },
    };
    const program = ts.createProgram([...sources.keys()], options, host);
    const declarations: Record<string, string> = {};
    const emitted = program.emit(undefined, (path, text) => {
      declarations[relative(this.#folder, path).replace(/\.d\.ts$/, ".ts")] = text;
    });
    const found = ts.sortAndDeduplicateDiagnostics([
      ...ts.getPreEmitDiagnostics(program),
      ...emitted.diagnostics,
    ]);
    const hover = (file: string, text: string) => hoverOf(program, join(this.#folder, file), text);
    return { errors: found.map((one) => this.#describe(one)), declarations, hover };
  }

  /** Writes a file into the project, by its name. */
  write(name: string, text: string): void {
    writeFileSync(join(this.#folder, name), text);
  }

  /**
   * Runs Node in the project, and returns its output.
   *
   * @param flags flags and a script: their paths are relative to the project.
   */
  node(...flags: string[]): Promise<{ stdout: string; stderr: string }> {
    const env = { ...process.env, NODE_OPTIONS: "", NO_COLOR: "1" };
    const options = { cwd: this.#folder, env };
    return promisify(execFile)(process.execPath, flags, options);
  }

  /** Deletes the project. */
  dispose(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #describe({ file, start = 0, code, messageText }: ts.Diagnostic): string {
    const text = ts.flattenDiagnosticMessageText(messageText, " ");
    if (!file) return `TS${code}: ${text}`;
    const { line } = file.getLineAndCharacterOfPosition(start);
    return `${relative(this.#folder, file.fileName)}:${line + 1}: TS${code}: ${text}`;
  }

  /** Returns the folder of one of our packages, with only its own dependencies beside it. */
  #stored(name: string): string {
    return join(this.#modulesOf(name), name);
  }

  #modulesOf(name: string): string {
    return join(this.#folder, "node_modules/.pnpm", name.replace("/", "+"), "node_modules");
  }

  #link(name: string, into: string, instead: Record<string, string>): void {
    const thirdParty = instead[name] ?? THIRD_PARTIES[name];
    const target = thirdParty ? realpathSync(join(ROOT, thirdParty)) : this.#stored(name);
    const path = join(into, "node_modules", name);
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(target, path, "junction");
  }
}

function hoverOf(program: ts.Program, path: string, text: string): string {
  const file = program.getSourceFile(path);
  const start = file?.text.indexOf(text) ?? -1;
  if (!file || start < 0) throw new Error(`${path} has no ${text}.`);
  const checker = program.getTypeChecker();
  let found: ts.Node = file;
  const visit = (node: ts.Node): void => {
    if (node.getStart(file) > start || node.end <= start) return;
    found = node;
    ts.forEachChild(node, visit);
  };
  visit(file);
  return checker.typeToString(checker.getTypeAtLocation(found));
}
