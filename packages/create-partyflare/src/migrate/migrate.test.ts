import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import JSON5 from "json5";
import ts from "typescript-6";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { unstable_readConfig } from "wrangler";
import { readArguments } from "../arguments";
import { importsOf } from "./imports";
import { migrate } from "./migrate";

let folder: string;

beforeEach(() => {
  folder = join(realpathSync(mkdtempSync(join(tmpdir(), "partyflare-migrate-"))), "quiz");
  mkdirSync(folder);
  write("src/server.ts", 'import type * as Party from "partykit/server";\n');
});

afterEach(() => rmSync(dirname(folder), { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

function read(path: string): string {
  return readFileSync(join(folder, path), "utf8");
}

/** Migrates, and returns the text that was printed. */
function run(config: object, ...options: string[]): string {
  write("partykit.json", JSON.stringify(config));
  return runAsIs(...options);
}

function runAsIs(...options: string[]): string {
  let printed = "";
  const command = readArguments(["migrate", folder, ...options]);
  if (command.kind !== "migrate") throw new Error("Not the command that was meant.");
  migrate(command, {
    terminal: undefined,
    userAgent: undefined,
    nodeVersion: process.versions.node,
    print: (text) => (printed += text),
  });
  return printed;
}

/** Returns the configuration, after wrangler has accepted it. */
function wranglerConfig() {
  unstable_readConfig({ config: join(folder, "wrangler.jsonc") });
  return JSON5.parse(read("wrangler.jsonc"));
}

/** The syntax errors of a file. */
function syntaxErrors(path: string): unknown[] {
  const options = { reportDiagnostics: true, compilerOptions: { target: ts.ScriptTarget.ESNext } };
  return ts.transpileModule(read(path), options).diagnostics ?? [];
}

/** The files that a Worker imports by their paths. */
function importedBy(path: string): string[] {
  const { importedFiles } = ts.preProcessFile(read(path));
  return importedFiles
    .map(({ fileName }) => fileName)
    .filter((name) => /^\.\.?\//.test(name))
    .map((name) => {
      const file = join(folder, dirname(path), name);
      return ["", ".ts", ".tsx"].map((end) => file + end).find(existsSync) ?? `${file}.js`;
    });
}

describe("a small partykit.json", () => {
  it("becomes wrangler.jsonc and a Worker that runs the unchanged class", () => {
    const printed = run({
      $schema: "https://www.partykit.io/schema.json",
      name: "quiz",
      main: "src/server.ts",
      compatibilityDate: "2025-02-03",
    });
    expect(wranglerConfig()).toEqual({
      $schema: "./node_modules/wrangler/config-schema.json",
      name: "quiz",
      main: "./src/partyflare.ts",
      compatibility_date: "2025-02-03",
      durable_objects: { bindings: [{ name: "Main", class_name: "Main" }] },
      exports: { Main: { type: "durable-object", storage: "sqlite" } },
    });
    expect(read("src/partyflare.ts")).toBe(
      `import { fetchPartyKit, fromPartyKit } from "partyflare/compat/partykit";
import MainServer from "./server";

/** The PartyKit classes, by their names in URLs. */
const options = {
  main: MainServer,
};

// The Durable Object classes, which wrangler.jsonc names.
export const Main = fromPartyKit(MainServer);

export default {
  fetch(request, env, ctx) {
    return fetchPartyKit(request, env, ctx, options);
  },
} satisfies ExportedHandler<Cloudflare.Env>;
`,
    );
    expect(printed).toContain("Wrote wrangler.jsonc and src/partyflare.ts.");
    expect(printed).toContain("Change these imports in src/server.ts:");
    expect(printed).toMatch(/"partykit\/server" +→ {2}"partyflare\/compat\/partykit"/);
    expect(printed).toContain("npm install partyflare\n");
    // What no configuration can carry, and nothing else.
    expect(printed.match(/^- [^:]+/gm)).toEqual([
      "- the data of your rooms",
      '- secrets of "partykit env"',
    ]);
  });

  it.each([
    ["partykit.jsonc", '// A comment\n{ "main": "src/server.ts", }'],
    ["partykit.json5", "{ main: 'src/server.ts' }"],
    ["package.json", '{ "partykit": { "main": "src/server.ts" } }'],
  ])("may be %s", (file, text) => {
    write(file, text);
    runAsIs();
    expect(wranglerConfig()).toMatchObject({ name: "quiz", main: "./src/partyflare.ts" });
  });

  it("keeps the oldest date that a room can run with, and no older one", () => {
    run({ main: "src/server.ts", compatibilityDate: "2024-09-26" });
    expect(wranglerConfig().compatibility_date).toBe("2024-09-26");
    const printed = run({ main: "src/server.ts", compatibilityDate: "2024-09-25" }, "--force");
    expect(wranglerConfig().compatibility_date).toBe("2026-08-01");
    expect(printed).toContain("2024-09-25 is too old: a room needs 2024-09-26 or newer.");
  });

  it("may be in JavaScript, beside a file that has the Worker's name", () => {
    write("partyflare.js", "export default {};\n");
    run({ main: "partyflare.js" });
    expect(wranglerConfig().main).toBe("./partyflare-worker.js");
    expect(read("partyflare-worker.js")).toContain('import MainServer from "./partyflare";');
    expect(read("partyflare-worker.js")).not.toContain("satisfies");
  });
});

describe("every field of partykit.json", () => {
  const FULL = {
    name: "Quiz Night",
    main: "src/server.ts",
    parties: { "score-board": "lib/score.ts", lobby: "./src/lobby.tsx" },
    serve: {
      path: "public",
      build: "src/page.ts",
      singlePageApp: true,
      exclude: ["a"],
      edgeTTL: 9,
    },
    vars: { LEVEL: "high", LIMITS: { max: 3 } },
    define: { DEBUG: "false" },
    crons: { nightly: "0 0 * * *", "every hour": "0 * * * *" },
    build: { command: "npm run build", cwd: ".", watch: "src", alias: { a: "./b" } },
    compatibilityDate: "2023-10-11",
    compatibilityFlags: ["nodejs_compat"],
    minify: true,
    port: 1999,
    persist: "data",
    preview: "next",
    team: "us",
    domain: "quiz.example.com",
    ai: { apiToken: "x" },
    analytics: "clicks",
    vectorize: { books: "book-index", films: { index_name: "film-index" } },
    bindings: { r2: { "my-files": "files" }, kv: { cache: "0123456789abcdef0123456789abcdef" } },
    logpush: true,
    tailConsumers: ["tail"],
    placement: { mode: "smart" },
    colour: "red",
  };

  it("is carried over, or is in the list", () => {
    write("lib/score.ts", "export default class {}\n");
    write("src/lobby.tsx", "export default class {}\n");
    write("src/page.tsx", 'import usePartySocket from "partysocket/react";\n');
    write("src/yjs.ts", 'import { onConnect } from "y-partykit";\n');
    write("node_modules/a/index.js", 'import "partysocket";\n');
    write(".env", "KEY=1\n");
    const printed = run(FULL);

    expect(wranglerConfig()).toEqual({
      $schema: "./node_modules/wrangler/config-schema.json",
      name: "quiz-night",
      main: "./src/partyflare.ts",
      compatibility_date: "2026-08-01",
      compatibility_flags: ["nodejs_compat"],
      durable_objects: {
        bindings: ["Main", "ScoreBoard", "Lobby"].map((name) => ({ name, class_name: name })),
      },
      exports: {
        Main: { type: "durable-object", storage: "sqlite" },
        ScoreBoard: { type: "durable-object", storage: "sqlite" },
        Lobby: { type: "durable-object", storage: "sqlite" },
      },
      assets: {
        directory: "./public",
        binding: "ASSETS",
        not_found_handling: "single-page-application",
        run_worker_first: ["/parties/*", "/party/*"],
      },
      vars: FULL.vars,
      triggers: { crons: ["0 0 * * *", "0 * * * *"] },
      define: FULL.define,
      alias: { a: "./b" },
      build: { command: "npm run build", cwd: ".", watch_dir: "src" },
      minify: true,
      dev: { port: 1999 },
      ai: { binding: "AI" },
      analytics_engine_datasets: [{ binding: "ANALYTICS", dataset: "clicks" }],
      vectorize: [
        { binding: "books", index_name: "book-index" },
        { binding: "films", index_name: "film-index" },
      ],
      r2_buckets: [{ binding: "my_files", bucket_name: "files" }],
      kv_namespaces: [{ binding: "cache", id: "0123456789abcdef0123456789abcdef" }],
      routes: [{ pattern: "quiz.example.com", custom_domain: true }],
      logpush: true,
      tail_consumers: [{ service: "tail" }],
      placement: { mode: "smart" },
    });

    const entry = read("src/partyflare.ts");
    expect(syntaxErrors("src/partyflare.ts")).toEqual([]);
    expect(entry).toContain('import ScoreBoardServer from "../lib/score";');
    expect(entry).toContain('import LobbyServer from "./lobby";');
    expect(entry).toContain('    "score-board": ScoreBoardServer,\n    lobby: LobbyServer,\n');
    expect(entry).toContain('nightly: "0 0 * * *"');
    expect(entry).toContain("scheduledPartyKit(controller, env, ctx, options)");
    expect(entry).toContain('"my-files": "my_files"');
    expect(entry).toContain("export const Lobby = fromPartyKit(LobbyServer, options);");

    const items = printed.match(/^- .*$/gm) ?? [];
    expect(items.map((line) => /^- ([^:]+):/.exec(line)?.[1])).toEqual([
      "ai",
      "domain",
      "name",
      "compatibilityDate",
      "serve.build",
      "serve.exclude",
      "serve.edgeTTL",
      "team",
      "preview",
      "persist",
      "colour",
      "the data of your rooms",
      'secrets of "partykit env"',
      ".env",
      '"y-partykit" in src/yjs.ts',
    ]);
    // Each has a reason and a remedy.
    for (const line of items) expect(line.match(/\.(?= |$)/g)?.length).toBeGreaterThanOrEqual(2);
    expect(printed).toContain("Change these imports in src/page.tsx, src/server.ts:");
  });
});

describe("sources of one name", () => {
  it("are told apart by their extensions, which bundlers try in an order of their own", () => {
    write("src/server.js", "");
    write("src/lobby.ts", "");
    write("src/lobby.js", "");
    const parties = { old: "src/server.js", lobby: "src/lobby.js" };
    run({ name: "quiz", main: "src/server.ts", parties });
    expect(read("src/partyflare.ts").match(/from "\.\/.*"/g)).toEqual([
      'from "./server"',
      'from "./server.js"',
      'from "./lobby.js"',
    ]);
  });
});

describe("files that exist", () => {
  const config = { name: "quiz", main: "src/server.ts" };

  it("stay as they are, and nothing else is written", () => {
    write("wrangler.toml", 'name = "mine"\n');
    write("src/partyflare.ts", "// mine\n");
    expect(() => run(config)).toThrow(
      "wrangler.toml and src/partyflare.ts would be replaced. Move it away, or add --force",
    );
    expect(existsSync(join(folder, "wrangler.jsonc"))).toBe(false);
    expect(read("src/partyflare.ts")).toBe("// mine\n");
  });

  it.each([
    [["src/partyflare.ts"], "src/partyflare-worker.ts"],
    [["src/partyflare.ts", "src/partyflare-worker.ts"], "src/partyflare-worker-2.ts"],
    // Systems that ignore case would take one for the other.
    [["src/PartyFlare.ts"], "src/partyflare-worker.ts"],
    // An import without an extension would find the Worker in its place.
    [["src/partyflare.js"], "src/partyflare-worker.ts"],
    [["src/../src/partyflare.tsx"], "src/partyflare-worker.ts"],
  ])("are never replaced if they are parties, also with --force: %j", (parties, made) => {
    for (const file of parties) write(file, "export default class {}\n");
    const named = Object.fromEntries(parties.map((file, index) => [`party-${index}`, file]));
    run({ main: "src/server.ts", parties: named }, "--force");
    for (const file of parties) expect(read(file)).toBe("export default class {}\n");
    expect(wranglerConfig().main).toBe(`./${made}`);
    for (const path of importedBy(made)) expect(existsSync(path), path).toBe(true);
  });

  it.each(["src/partyflare.js", "src/partyflare/index.ts"])(
    "are still found by imports without an extension: %s",
    (file) => {
      write(file, "export const name = 1;\n");
      run(config);
      expect(wranglerConfig().main).toBe("./src/partyflare-worker.ts");
    },
  );

  it("are never replaced by way of a link", () => {
    write("src/chat.ts", "// mine\n");
    symlinkSync(join(folder, "src"), join(folder, "linked"), "junction");
    write("src/partyflare.ts", "// mine\n");
    const linked = { main: "src/server.ts", parties: { chat: "linked/partyflare.ts" } };
    expect(() => run(linked, "--force")).toThrow(
      '"linked/partyflare.ts", a party of partykit.json, would be replaced. Rename it first.',
    );
    expect(read("src/partyflare.ts")).toBe("// mine\n");
  });

  it.skipIf(process.platform === "win32")("count if they are links to nothing", () => {
    const outside = `${folder}-outside.ts`;
    symlinkSync(outside, join(folder, "src/partyflare.ts"));
    expect(() => run(config)).toThrow("src/partyflare.ts would be replaced.");
    expect(existsSync(outside)).toBe(false);
    expect(existsSync(join(folder, "wrangler.jsonc"))).toBe(false);
  });

  it("are replaced with --force, but for another configuration, which is in the list", () => {
    write("wrangler.toml", 'name = "mine"\n');
    write("wrangler.jsonc", "{}");
    const printed = run(config, "--force");
    expect(wranglerConfig().name).toBe("quiz");
    expect(read("wrangler.toml")).toContain("mine");
    expect(printed).toContain("Delete wrangler.toml.");
  });
});

it("gives each class and each import a name of its own", () => {
  write("src/chat.ts", "");
  run({
    main: "src/server.ts",
    parties: { chat: "src/chat.ts", "chat-server": "src/chat.ts" },
  });
  const declared = read("src/partyflare.ts").match(/(?<=^(?:import|export const) )\w+/gm);
  expect(declared).toHaveLength(6);
  expect(new Set(declared).size).toBe(6);
});

describe.skipIf(process.platform === "win32")("a file name", () => {
  it.each([
    "it's.ts",
    'the "best".ts',
    "two words.ts",
    "café.ts",
    "日本/🎉.ts",
    "back\\slash.ts",
    ".hidden.ts",
    "a#b?c%20d.ts",
    "${a}`b`.js",
    "line\nbreak.ts",
  ])("may be %j", (file) => {
    write(`src/${file}`, "export default class {}\n");
    run({ main: "src/server.ts", parties: { other: `src/${file}` } });
    expect(syntaxErrors("src/partyflare.ts")).toEqual([]);
    expect(importedBy("src/partyflare.ts")).toContain(join(folder, "src", file));

    rmSync(join(folder, "wrangler.jsonc"));
    run({ main: `src/${file}`, parties: { other: "src/server.ts" } }, "--force");
    const { main } = wranglerConfig() as { main: string };
    expect(syntaxErrors(main)).toEqual([]);
    expect(importedBy(main)).toContain(join(folder, "src", file));
  });
});

it.skipIf(process.platform === "win32")("looks for no imports in a folder it may not read", () => {
  write("data/closed.ts", "");
  for (const open of [dirname(folder), folder, join(folder, "src")]) chmodSync(open, 0o755);
  chmodSync(join(folder, "data"), 0);
  const ownId = process.geteuid?.() ?? 0;
  // Root may read everything.
  if (ownId === 0) process.seteuid?.("nobody");
  try {
    expect(importsOf(folder).files).toEqual(["src/server.ts"]);
  } finally {
    process.seteuid?.(ownId);
    chmodSync(join(folder, "data"), 0o755);
  }
});

it("writes nothing outside of the project", () => {
  writeFileSync(join(dirname(folder), "server.ts"), "");
  expect(run({ main: "../server.ts" })).toContain("Wrote wrangler.jsonc and partyflare.ts.");
  expect(read("partyflare.ts")).toContain('import MainServer from "../server";');
  expect(wranglerConfig().main).toBe("./partyflare.ts");
});

describe("a mistake in partykit.json", () => {
  it.each([
    [{}, 'partykit.json has no "main". Add the path of your server'],
    [{ main: 1 }, '"main" in partykit.json is not a text.'],
    [{ main: "src/server.ts", parties: { a: 1 } }, '"parties" in partykit.json is not an object'],
    [{ main: "src/gone.ts" }, '"src/gone.ts", the party "main" of partykit.json, is no file.'],
    [{ main: "" }, '"", the party "main" of partykit.json, is no file.'],
    [{ main: "src" }, '"src", the party "main" of partykit.json, is no file.'],
    [
      { main: "src/server.ts", compatibilityDate: "today" },
      '"compatibilityDate" in partykit.json is not a date such as "2026-08-01".',
    ],
    [{ main: "src/server.ts", serve: { path: 5 } }, '"serve.path" in partykit.json is not a text.'],
    [{ main: "src/server.ts", ai: null }, '"ai" in partykit.json is not true or false or'],
    [
      { main: "src/server.ts", vectorize: { films: null } },
      '"vectorize" in partykit.json is not an object of texts, or of objects with',
    ],
    [
      { main: "src/server.ts", bindings: { r2: "films" } },
      '"bindings.r2" in partykit.json is not an object of texts.',
    ],
    [
      { main: "src/server.ts", parties: { "a-b": "src/server.ts", aB: "src/server.ts" } },
      'The parties "a-b" and "aB" would both be the class AB.',
    ],
    [
      { main: "src/server.ts", parties: { "1st": "src/server.ts" } },
      'The party "1st" cannot be the name of a class.',
    ],
  ])("is one sentence, and nothing is written: %j", (config, message) => {
    expect(() => run(config)).toThrow(message);
    expect(existsSync(join(folder, "wrangler.jsonc"))).toBe(false);
  });

  it("may be one of syntax, with its place", () => {
    write("partykit.json", '{ "main": }');
    expect(() => runAsIs()).toThrow(
      /^partykit.json is not valid JSON: .*1:11\. Correct it first\.$/,
    );
  });

  it("may be that there is none", () => {
    expect(() => runAsIs()).toThrow("There is no partykit.json in");
  });
});
