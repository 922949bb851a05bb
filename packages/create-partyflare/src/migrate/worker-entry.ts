import { dirname, extname, posix, relative, sep } from "node:path";
import type { MigratedParty } from "./parties";

/** The Worker of a migrated project. */
export interface WorkerEntry {
  /** Its path, from the project's folder. */
  readonly path: string;
  readonly text: string;
}

/** What a Worker is made from, beside its parties. */
interface Parts {
  /** `crons` of `partykit.json`. */
  readonly crons?: Readonly<Record<string, string>> | undefined;
  /** The bindings that had to be renamed, by kind. */
  readonly renamed?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Names of what is in the Worker's folder. */
  readonly existing?: readonly string[];
}

/** Returns the folder of the Worker: that of the party `main`. Nothing is written outside of the project. */
export function entryFolderOf([main]: readonly [MigratedParty, ...MigratedParty[]]): string {
  const folder = dirname(main.file);
  return posix.normalize(folder).startsWith("..") ? "." : folder;
}

/** Returns the Worker that runs the unchanged PartyKit classes. */
export function workerEntryOf(
  parties: readonly [MigratedParty, ...MigratedParty[]],
  { crons = {}, renamed = {}, existing = [] }: Parts = {},
): WorkerEntry {
  const [main] = parties;
  const folder = entryFolderOf(parties);
  const isTyped = /\.[cm]?tsx?$/.test(main.file);
  const extension = isTyped ? "ts" : "js";
  const others = parties.slice(1);
  const path = freePath({ folder, extension, existing, files: parties.map(({ file }) => file) });

  // A party of the name "chat-server" is a class ChatServer too.
  const classNames = new Set(parties.map(({ className }) => className));
  const isFree = (each: string) =>
    parties.every(({ className }) => !classNames.has(`${className}${each}`));
  const suffix = ["Server", "PartyKitServer"].find(isFree) ?? "_";

  const isRenamed = Object.keys(renamed).length > 0;
  const hasCrons = Object.keys(crons).length > 0;
  const functions = ["fetchPartyKit", "fromPartyKit", ...(hasCrons ? ["scheduledPartyKit"] : [])];
  const table = others.map(({ name, className }) => `    ${key(name)}: ${className}${suffix},\n`);
  const lines = [
    `import { ${functions.join(", ")} } from "partyflare/compat/partykit";`,
    ...parties.map(
      (party) =>
        `import ${party.className}${suffix} from ${JSON.stringify(specifier(folder, party))};`,
    ),
    "",
    "/** The PartyKit classes, by their names in URLs. */",
    "const options = {",
    `  main: ${main.className}${suffix},`,
    ...(table.length > 0 ? [`  parties: {\n${table.join("")}  },`] : []),
    ...(hasCrons ? [`  crons: ${literal(crons)},`] : []),
    ...(isRenamed ? [`  bindings: ${literal(renamed)},`] : []),
    "};",
    "",
    "// The Durable Object classes, which wrangler.jsonc names.",
    ...parties.map(
      ({ className }) =>
        `export const ${className} = fromPartyKit(${className}${suffix}${isRenamed ? ", options" : ""});`,
    ),
    "",
    "export default {",
    "  fetch(request, env, ctx) {",
    "    return fetchPartyKit(request, env, ctx, options);",
    "  },",
    ...(hasCrons
      ? [
          "  scheduled(controller, env, ctx) {",
          "    return scheduledPartyKit(controller, env, ctx, options);",
          "  },",
        ]
      : []),
    isTyped ? "} satisfies ExportedHandler<Cloudflare.Env>;" : "};",
    "",
  ];
  return { path, text: lines.join("\n") };
}

/** What decides on the Worker's path. */
interface Place {
  readonly folder: string;
  readonly extension: string;
  /** Names of what is in the folder. */
  readonly existing: readonly string[];
  /** The files of the parties. */
  readonly files: readonly string[];
}

/**
 * Returns a path of the Worker that is no party's, and that takes no file's imports: they may be
 * without an extension, and systems may ignore case. A file of exactly this path may exist.
 */
function freePath({ folder, extension, existing, files }: Place): string {
  const stems = new Set(files.map((file) => stemOf(posix.normalize(file))));
  for (let number = 0; ; number += 1) {
    const name = ["partyflare", "partyflare-worker"][number] ?? `partyflare-worker-${number}`;
    const fileName = `${name}.${extension}`;
    const path = posix.join(folder, fileName);
    const isMixedUp = existing.some((each) => each !== fileName && stemOf(each) === name);
    if (!isMixedUp && !stems.has(stemOf(path))) return path;
  }
}

function stemOf(path: string): string {
  return path.slice(0, path.length - extname(path).length).toLowerCase();
}

/** Returns how a file is imported by another in a folder. Bundlers find out `.ts` and `.js`. */
function specifier(folder: string, { file, isHidden }: MigratedParty): string {
  const path = relative(folder, file).replaceAll(sep, "/");
  const extension = extname(path);
  const plain =
    !isHidden && /^\.[jt]sx?$/.test(extension) ? path.slice(0, -extension.length) : path;
  return plain.startsWith("../") ? plain : `./${plain}`;
}

function key(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}

/** Texts by name, and objects of such. */
interface Texts {
  readonly [name: string]: string | Texts;
}

/** Returns texts as code, as a formatter leaves it. */
function literal(texts: Texts, indent = "  "): string {
  const lines = Object.entries(texts).map(([name, value]) => {
    const code = typeof value === "string" ? JSON.stringify(value) : literal(value, `${indent}  `);
    return `${indent}  ${key(name)}: ${code},\n`;
  });
  return `{\n${lines.join("")}${indent}}`;
}
