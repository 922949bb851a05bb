import { quoted } from "../package-manager";
import { suggestedName } from "../project-name";
import type { Note } from "./note";
import type { MigratedParty } from "./parties";
import { assetsOf } from "./assets";
import type { PartyKitConfig } from "./partykit-config";

/** The newest date that wrangler 4.151.0 knows. */
const NEWEST_DATE = "2026-08-01";

/**
 * From this date on, the platform's objects have names (the flag `set_tostring_tag`), by which a room
 * recognises a Response.
 */
const OLDEST_DATE = "2024-09-26";

/** What a configuration depends on beside `partykit.json`. */
interface Parts {
  readonly parties: readonly MigratedParty[];
  /** The path of the Worker's file. */
  readonly main: string;
  /** The name for a project that has none. */
  readonly fallbackName: string;
  /** Fields for other Cloudflare products. */
  readonly resources: Readonly<Record<string, unknown>>;
}

/**
 * Returns the wrangler configuration of a PartyKit project.
 *
 * @param notes gets what wrangler has no place for.
 */
export function wranglerConfigOf(
  partykit: PartyKitConfig,
  { parties, main, fallbackName, resources }: Parts,
  notes: Note[],
): Readonly<Record<string, unknown>> {
  const { build, crons, define, minify, port, vars } = partykit;
  const config = {
    $schema: "./node_modules/wrangler/config-schema.json",
    name: nameOf(partykit.name ?? fallbackName, notes),
    main: relativePath(main),
    compatibility_date: dateOf(partykit.compatibilityDate, notes),
    compatibility_flags: partykit.compatibilityFlags,
    durable_objects: {
      bindings: parties.map(({ className }) => ({ name: className, class_name: className })),
    },
    exports: Object.fromEntries(
      parties.map(({ className }) => [className, { type: "durable-object", storage: "sqlite" }]),
    ),
    assets: assetsOf(partykit, notes),
    vars,
    triggers: crons && { crons: [...new Set(Object.values(crons))] },
    define,
    alias: build?.alias,
    build: build?.command && { command: build.command, cwd: build.cwd, watch_dir: build.watch },
    minify,
    dev: port && { port },
    ...resources,
  };
  notes.push(...notCarried(partykit));
  return definedOf(config);
}

function nameOf(name: string, notes: Note[]): string {
  const valid = suggestedName(name);
  if (valid !== name) {
    notes.push({
      field: "name",
      reason: `"${name}" cannot be the name of a Worker.`,
      remedy: `It is "${valid}" now. Choose another one if you like.`,
    });
  }
  return valid;
}

function dateOf(date: string | undefined, notes: Note[]): string {
  if (date !== undefined && date >= OLDEST_DATE) return date;
  notes.push({
    field: "compatibilityDate",
    reason:
      date === undefined
        ? "There is none, and wrangler needs one."
        : `${date} is too old: a room needs ${OLDEST_DATE} or newer.`,
    remedy: `It is ${NEWEST_DATE} now. Test your code with it.`,
  });
  return NEWEST_DATE;
}

/** The fields that wrangler has no place for. */
function notCarried(partykit: PartyKitConfig): Note[] {
  const { account, build, persist, preview, team } = partykit;
  const notes: Note[] = [];
  if (team !== undefined || account !== undefined) {
    notes.push({
      field: team === undefined ? "account" : "team",
      reason: "Teams belong to PartyKit's own platform.",
      remedy: 'Run "npx wrangler login", or set "account_id" in wrangler.jsonc.',
    });
  }
  if (preview !== undefined) {
    notes.push({
      field: "preview",
      reason: "PartyKit deployed previews by their names.",
      remedy: `Run "npx wrangler versions upload --preview-alias ${quoted(preview)}" for such a preview.`,
    });
  }
  if (typeof persist === "string") {
    notes.push({
      field: "persist",
      reason: "wrangler takes the folder of local data on its command line.",
      remedy: `Run "npx wrangler dev --persist-to ${quoted(persist)}".`,
    });
  }
  if (persist === false) {
    notes.push({
      field: "persist",
      reason: "wrangler keeps local data.",
      remedy: 'Delete the folder ".wrangler/state" to forget it.',
    });
  }
  if (build !== undefined && build.command === undefined && (build.cwd ?? build.watch)) {
    notes.push({
      field: "build",
      reason: "wrangler uses the folders of a build only with a command.",
      remedy: 'Add "build" with a "command" to wrangler.jsonc if you need one.',
    });
  }
  for (const field of Object.keys(partykit)) {
    if (KNOWN.has(field)) continue;
    notes.push({
      field,
      reason: "PartyKit 0.0.115 does not have this field.",
      remedy: "Look it up in wrangler's configuration if you need it.",
    });
  }
  return notes;
}

const KNOWN = new Set(
  (
    "$schema account ai analytics assets bindings build compatibilityDate compatibilityFlags crons " +
    "define domain logpush main minify name parties persist placement port preview serve " +
    "tailConsumers team vars vectorize"
  ).split(" "),
);

/** wrangler takes a path from its own folder. */
function relativePath(path: string): string {
  return path.startsWith(".") ? path : `./${path}`;
}

function definedOf(config: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined));
}
