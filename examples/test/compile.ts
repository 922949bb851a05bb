import { join } from "node:path";
import ts from "typescript";
import { ROOT } from "./documents";

/** The environment that a block of code runs in. It decides which globals exist. */
export type Realm = "worker" | "page";

/** A source, which may exist only in memory. */
export interface Source {
  /** The path from the examples' folder. Imports are resolved from there. */
  readonly path: string;
  readonly code: string;
}

const FOLDER = join(ROOT, "examples");

/** The options of a reader's own project: `strict`, the types of its platform, and no more. */
const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  moduleDetection: ts.ModuleDetectionKind.Force,
  jsx: ts.JsxEmit.ReactJSX,
  strict: true,
  skipLibCheck: true,
  noEmit: true,
};

const REALMS: Record<Realm, ts.CompilerOptions> = {
  worker: {
    ...OPTIONS,
    lib: ["lib.es2023.d.ts"],
    types: ["@cloudflare/workers-types", "@cloudflare/vitest-plugin/types"],
  },
  page: {
    ...OPTIONS,
    lib: ["lib.es2023.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
    types: ["node"],
  },
};

/** Compiles all sources of a realm in one program, so that it reads the libraries once. */
export function compile(realm: Realm, sources: readonly Source[]): ts.Program {
  const options = REALMS[realm];
  const files = new Map(sources.map(({ path, code }) => [join(FOLDER, path), code]));
  const folders = new Set([...files.keys()].flatMap(ancestors));
  const disk = ts.createCompilerHost(options);
  const host: ts.CompilerHost = {
    ...disk,
    getCurrentDirectory: () => FOLDER,
    fileExists: (path) => files.has(path) || disk.fileExists(path),
    readFile: (path) => files.get(path) ?? disk.readFile(path),
    directoryExists: (path) => folders.has(path) || ts.sys.directoryExists(path),
    getSourceFile(path, languageVersion, ...others) {
      const code = files.get(path);
      return code === undefined
        ? disk.getSourceFile(path, languageVersion, ...others)
        : ts.createSourceFile(path, code, languageVersion);
    },
  };
  return ts.createProgram([...files.keys()], options, host);
}

/** Returns the errors of one source, by its own lines: `3: Cannot find name 'x'.` */
export function errorsOf(program: ts.Program, path: string): string[] {
  const file = program.getSourceFile(join(FOLDER, path));
  if (!file) throw new Error(`${path} is not in the program.`);
  const diagnostics = [
    ...program.getSyntacticDiagnostics(file),
    ...program.getSemanticDiagnostics(file),
  ];
  return diagnostics.map(({ messageText, start = 0 }) => {
    const { line } = file.getLineAndCharacterOfPosition(start);
    return `${line + 1}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
  });
}

/**
 * Returns the public members that a package's type or class declares itself. Members with a private
 * name are left out.
 */
export function membersOf(program: ts.Program, path: string, exportedName: string): string[] {
  const checker = program.getTypeChecker();
  const file = program.getSourceFile(join(FOLDER, path));
  const symbols = file ? checker.getSymbolAtLocation(file) : undefined;
  const found =
    symbols && checker.getExportsOfModule(symbols).find(({ name }) => name === exportedName);
  if (!found) throw new Error(`${path} exports no ${exportedName}.`);
  const symbol = found.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(found) : found;
  const statics = [...(symbol.exports?.values() ?? [])].filter(isPublic).map(({ name }) => name);
  const members = checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol));
  const names = members.filter(isPublic).map(({ name }) => name);
  return [...statics, ...names].filter((name) => /^[a-z]\w*$/i.test(name) && name !== "prototype");
}

function isPublic(symbol: ts.Symbol): boolean {
  const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
  return (symbol.declarations ?? []).every(
    (declaration) => !(ts.getCombinedModifierFlags(declaration) & hidden),
  );
}

function ancestors(path: string): string[] {
  const parent = join(path, "..");
  return parent === path ? [] : [parent, ...ancestors(parent)];
}
