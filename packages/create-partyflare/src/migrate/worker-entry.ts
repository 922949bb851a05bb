import { dirname, extname, posix, relative } from "node:path";
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
}

/** Returns the Worker that runs the unchanged PartyKit classes. */
export function workerEntryOf(
  parties: readonly [MigratedParty, ...MigratedParty[]],
  { crons = {}, renamed = {} }: Parts = {},
): WorkerEntry {
  const [main, ...others] = parties;
  const mainFolder = dirname(main.file);
  // Nothing is written outside of the project.
  const folder = posix.normalize(mainFolder).startsWith("..") ? "." : mainFolder;
  const isTyped = /\.[cm]?tsx?$/.test(main.file);
  const extension = isTyped ? "ts" : "js";
  const taken = new Set(parties.map(({ file }) => posix.normalize(file)));
  const names = ["partyflare", "partyflare-worker"].map((name) =>
    posix.join(folder, `${name}.${extension}`),
  );
  const path = names.find((each) => !taken.has(each)) ?? names[0] ?? "";

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
      ({ className, file }) => `import ${className}${suffix} from "${specifier(folder, file)}";`,
    ),
    "",
    "/** The PartyKit classes, by their names in URLs. */",
    "const options = {",
    `  main: ${main.className}${suffix},`,
    ...(table.length > 0 ? [`  parties: {\n${table.join("")}  },`] : []),
    ...(hasCrons ? [`  crons: ${indented(JSON.stringify(crons, null, 2))},`] : []),
    ...(isRenamed ? [`  bindings: ${indented(JSON.stringify(renamed, null, 2))},`] : []),
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

/** Returns how a file is imported by another in a folder. Bundlers find out `.ts` and `.js`. */
function specifier(folder: string, file: string): string {
  const path = relative(folder, file).replaceAll("\\", "/");
  const extension = extname(path);
  const plain = /^\.[jt]sx?$/.test(extension) ? path.slice(0, -extension.length) : path;
  return plain.startsWith(".") ? plain : `./${plain}`;
}

function key(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}

function indented(text: string): string {
  return text.replaceAll("\n", "\n  ");
}
