import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import JSON5 from "json5";
import { Failure } from "../failure";

/** The fields of `partykit.json`, as its last version, 0.0.115, had them, and two older ones. */
export interface PartyKitConfig {
  readonly name?: string;
  readonly main?: string;
  readonly parties?: Readonly<Record<string, string>>;
  readonly serve?: string | Serve;
  /** An older name of `serve`. */
  readonly assets?: string | Serve;
  readonly vars?: Readonly<Record<string, unknown>>;
  readonly define?: Readonly<Record<string, string>>;
  readonly crons?: Readonly<Record<string, string>>;
  readonly build?: Build;
  readonly compatibilityDate?: string;
  readonly compatibilityFlags?: readonly string[];
  readonly minify?: boolean;
  readonly port?: number;
  readonly persist?: boolean | string;
  readonly preview?: string;
  readonly team?: string;
  /** An older name of `team`. */
  readonly account?: string;
  readonly domain?: string;
  readonly ai?: boolean | Readonly<Record<string, unknown>>;
  readonly analytics?: string;
  readonly vectorize?: Readonly<Record<string, string | { readonly index_name: string }>>;
  readonly bindings?: {
    readonly r2?: Readonly<Record<string, string>>;
    readonly kv?: Readonly<Record<string, string>>;
  };
  readonly logpush?: boolean;
  readonly tailConsumers?: readonly string[];
  readonly placement?: { readonly mode: string };
}

/** `serve` in its long form. */
interface Serve {
  readonly path?: string;
  readonly build?: unknown;
  readonly singlePageApp?: boolean;
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  readonly browserTTL?: number | null;
  readonly edgeTTL?: number | null;
}

/** `build`, of the Worker. */
interface Build {
  readonly command?: string;
  readonly cwd?: string;
  readonly watch?: string | readonly string[];
  readonly alias?: Readonly<Record<string, string>>;
}

/** A configuration, and the file that had it. */
export interface FoundConfig {
  readonly file: string;
  readonly config: PartyKitConfig;
}

/** In PartyKit's own order. */
const FILES = ["partykit.json", "partykit.json5", "partykit.jsonc"];

/** The types of the fields that are read. Others are only reported. */
const TYPES: Readonly<Record<string, readonly Type[]>> = {
  name: ["text"],
  main: ["text"],
  parties: ["texts"],
  serve: ["text", "object"],
  "serve.path": ["text"],
  assets: ["text", "object"],
  "assets.path": ["text"],
  vars: ["object"],
  define: ["texts"],
  crons: ["texts"],
  build: ["object"],
  "build.command": ["text"],
  "build.cwd": ["text"],
  "build.watch": ["text", "list"],
  "build.alias": ["texts"],
  compatibilityDate: ["date"],
  compatibilityFlags: ["list"],
  minify: ["boolean"],
  port: ["number"],
  persist: ["boolean", "text"],
  preview: ["text"],
  domain: ["text"],
  ai: ["boolean", "object"],
  analytics: ["text"],
  vectorize: ["indexes"],
  bindings: ["object"],
  "bindings.r2": ["texts"],
  "bindings.kv": ["texts"],
  logpush: ["boolean"],
  tailConsumers: ["list"],
  placement: ["object"],
};

type Type = "boolean" | "date" | "indexes" | "list" | "number" | "object" | "text" | "texts";

const TYPE_NAMES: Readonly<Record<Type, string>> = {
  boolean: "true or false",
  date: 'a date such as "2026-08-01"',
  indexes: 'an object of texts, or of objects with a text "index_name"',
  list: "a list of texts",
  number: "a number",
  object: "an object",
  text: "a text",
  texts: "an object of texts",
};

/**
 * Reads the PartyKit configuration of a folder.
 *
 * @param shown the folder, as the reader has typed it.
 * @throws Failure if there is none, or if it is not valid.
 */
export function readPartyKitConfig(folder: string, shown: string): FoundConfig {
  for (const file of FILES) {
    const path = join(folder, file);
    if (existsSync(path)) return { file, config: checked(file, parsed(file, path)) };
  }
  const manifest = join(folder, "package.json");
  if (existsSync(manifest)) {
    const { partykit } = parsed("package.json", manifest);
    const file = "package.json#partykit";
    if (isObject(partykit)) return { file, config: checked(file, partykit) };
  }
  throw new Failure(
    `There is no partykit.json in "${shown}". Name the folder of your PartyKit project: ` +
      "create-partyflare migrate <folder>",
  );
}

function parsed(file: string, path: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON5.parse(readFileSync(path, "utf8").replace(/^\uFEFF/, ""));
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace("JSON5: ", "") : String(error);
    throw new Failure(`${file} is not valid JSON: ${reason}. Correct it first.`);
  }
  if (isObject(value)) return value;
  throw new Failure(`${file} has no object with fields. Correct it first.`);
}

function checked(file: string, config: Record<string, unknown>): PartyKitConfig {
  for (const [field, types] of Object.entries(TYPES)) {
    const value = valueAt(config, field);
    if (value === undefined || types.some((type) => is(type, value))) continue;
    const expected = types.map((type) => TYPE_NAMES[type]).join(" or ");
    throw new Failure(`"${field}" in ${file} is not ${expected}. Correct it first.`);
  }
  return config;
}

/** The value of a field, or of a field within one: `serve.path`. */
function valueAt(config: Record<string, unknown>, path: string): unknown {
  let value: unknown = config;
  for (const name of path.split(".")) value = isObject(value) ? value[name] : undefined;
  return value;
}

function is(type: Type, value: unknown): boolean {
  switch (type) {
    case "boolean":
      return typeof value === "boolean";
    case "date":
      return typeof value === "string" && /^\d{4}-\d\d-\d\d$/.test(value);
    case "indexes":
      return isObject(value) && Object.values(value).every(isIndex);
    case "list":
      return Array.isArray(value) && value.every((item) => typeof item === "string");
    case "number":
      return typeof value === "number";
    case "object":
      return isObject(value);
    case "text":
      return typeof value === "string";
    case "texts":
      return isObject(value) && Object.values(value).every((item) => typeof item === "string");
    default:
      return type satisfies never;
  }
}

function isIndex(value: unknown): boolean {
  return typeof value === "string" || (isObject(value) && typeof value["index_name"] === "string");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
