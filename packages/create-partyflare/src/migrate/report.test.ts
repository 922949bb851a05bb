import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readArguments } from "../arguments";
import { SWAPS } from "./imports";
import { migrate } from "./migrate";

const ROOT = fileURLToPath(new URL("../../../..", import.meta.url));

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "partyflare-migrate-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

/** Migrates a project of these files, and returns the text that was printed. */
function report(files: Readonly<Record<string, string>>): string {
  write("partykit.json", '{ "main": "server.ts" }');
  write("server.ts", "");
  for (const [path, text] of Object.entries(files)) write(path, text);
  const command = readArguments(["migrate", folder]);
  if (command.kind !== "migrate") throw new Error("Not the command that was meant.");
  let printed = "";
  const nodeVersion = process.versions.node;
  const print = (text: string) => (printed += text);
  migrate(command, { terminal: undefined, userAgent: undefined, nodeVersion, print });
  return printed;
}

/** Removes what the tool has written. */
function clear(): void {
  rmSync(join(folder, "wrangler.jsonc"));
  rmSync(join(folder, "partyflare.ts"));
}

describe("the imports to change", () => {
  it("are those of the project, and no others", () => {
    const printed = report({ "server.ts": 'import type * as Party from "partykit/server";' });
    expect(printed).toContain("Change these imports in server.ts:");
    expect(printed).toContain('"partykit/server"  →  "partyflare/compat/partykit"');
    expect(printed).not.toContain("partysocket");
    expect(printed).toContain("npm install partyflare\n");
  });

  it("are not in the list if there are none", () => {
    expect(report({})).not.toContain("imports");
  });

  it("come with the client's package if a page has some", () => {
    const printed = report({ "page.ts": "import { WebSocket } from 'partysocket/ws';" });
    expect(printed).toContain("Change these imports in page.ts:");
    expect(printed).toContain('"partysocket/ws"  →  "@partyflare/client/compat/partysocket/ws"');
    expect(printed).toContain("npm install partyflare @partyflare/client\n");
  });

  it("are of all modules that the client has", () => {
    const manifest = readFileSync(join(ROOT, "packages/client/package.json"), "utf8");
    const { exports } = JSON.parse(manifest) as { exports: object };
    const entries = Object.keys(exports).filter((entry) => entry.startsWith("./compat/"));
    const swapped = Object.values(SWAPS).map((to) => to.replace("@partyflare/client", "."));
    expect(swapped).toEqual(expect.arrayContaining(entries));
  });

  it("are told apart from those of modules without a counterpart, of which each is in the list", () => {
    const printed = report({
      "page.ts": 'import { Y } from "y-partykit/provider";\nimport { P } from "partymix";',
      "polyfill.ts": 'import "partysocket/event-target-polyfill";',
    });
    expect(printed.match(/^- "[^:]+/gm)).toEqual([
      '- "y-partykit/provider" in page.ts',
      '- "partymix" in page.ts',
      '- "partysocket/event-target-polyfill" in polyfill.ts',
    ]);
    expect(printed).not.toContain("Change these imports");
  });
});

describe("the commands to change", () => {
  it("are the scripts of package.json that call partykit", () => {
    const scripts = {
      dev: 'concurrently "partykit dev --live" "vite"',
      deploy: "npm run build && npx partykit@latest deploy",
      logs: "NAME=partykit partykit tail",
      secret: "partykit env add KEY",
      partykit: "partykit",
      build: "vite build --outDir partykit && rm -r .partykit",
      typed: "tsc -p partykit deploy/partykit.json",
      // The file would be wrangler's Worker, which it is not.
      file: "partykit dev ./server.ts --port 1999 && partykit deploy server.ts",
      secrets: "op run --env-file=.env -- partykit dev",
      yarn: "yarn run partykit dev",
      bun: "bun run partykit dev",
      npm: "npm x partykit deploy",
      path: "node_modules/.bin/partykit dev || ./node_modules/.bin/partykit dev",
      not: "! partykit deploy",
      // Not those of a script.
      list: ["partykit dev"],
    };
    const printed = report({ "package.json": JSON.stringify({ scripts }) });
    expect(printed).toContain(
      `Change these scripts in package.json:

  dev       concurrently "wrangler dev --live" "vite"
  deploy    npm run build && npx wrangler deploy
  logs      NAME=partykit wrangler tail
  secret    partykit env add KEY
  partykit  partykit
  file      wrangler dev --port 1999 && wrangler deploy
  secrets   op run --env-file=.env -- wrangler dev
  yarn      yarn run wrangler dev
  bun       bun run wrangler dev
  npm       npm x wrangler deploy
  path      node_modules/.bin/wrangler dev || ./node_modules/.bin/wrangler dev
  not       ! wrangler deploy

wrangler's options differ, and it has no other command of PartyKit's.`,
    );
    // A script is no dependency.
    expect(printed).not.toContain("Your package.json still has");
  });

  it("may be in a workflow", () => {
    const printed = report({
      ".github/workflows/deploy.yml": "jobs:\n  deploy:\n    - run: npx partykit deploy\n",
      ".github/workflows/test.yml": "# partykit is tested here\n",
    });
    expect(printed).toContain('Change "partykit" in .github/workflows/deploy.yml too.');
    expect(printed).not.toContain("test.yml");
  });

  it("are not in the list if there are none, or no readable package.json", () => {
    expect(report({ "package.json": '{ "scripts": { "dev": "vite" } }' })).not.toContain("Change");
    clear();
    expect(report({ "package.json": "{" })).not.toContain("Change");
  });
});

describe("files that are not as they should be", () => {
  it("may be a package.json with a byte order mark, which npm reads", () => {
    const manifest = { scripts: { dev: "partykit dev" }, dependencies: { partykit: "1" } };
    const printed = report({ "package.json": `\uFEFF${JSON.stringify(manifest, null, "\r\n")}` });
    expect(printed).toContain("  dev  wrangler dev\n");
    expect(printed).toContain('Your package.json still has "partykit".');
  });

  it.each([
    '{ "scripts": null, "dependencies": null, "devDependencies": null }',
    '{ "scripts": "partykit dev", "dependencies": "partykit", "devDependencies": 5 }',
    '{ "scripts": ["partykit dev"], "dependencies": ["partykit"], "devDependencies": true }',
    '["partykit"]',
    "null",
  ])("may be a package.json of other types: %s", (text) => {
    const printed = report({ "package.json": text });
    expect(printed).toContain("Next:");
    expect(printed).not.toMatch(/Change|still has/);
  });

  it("may be workflows that cannot be read", () => {
    expect(report({ ".github/workflows": "" })).toContain("Next:");
    clear();
    rmSync(join(folder, ".github"), { recursive: true });
    mkdirSync(join(folder, ".github/workflows/folder.yml"), { recursive: true });
    symlinkSync("nowhere", join(folder, ".github/workflows/link.yml"));
    expect(report({ ".github/workflows/deploy.yml": "- run: partykit deploy" })).toContain(
      'Change "partykit" in .github/workflows/deploy.yml too.',
    );
  });
});

it("lists the packages that may go", () => {
  const manifest = { dependencies: { partysocket: "1" }, devDependencies: { partykit: "1" } };
  expect(report({ "package.json": JSON.stringify(manifest) })).toContain(
    'Your package.json still has "partykit". Remove it when everything works.',
  );
});

it("quotes a path in a command as a shell reads it", () => {
  const config = { main: "server.ts", persist: "my data" };
  const printed = report({ "partykit.json": JSON.stringify(config) });
  expect(printed).toMatch(/wrangler dev --persist-to ['"]my data['"]/);
});

describe("the page on the move from PartyKit", () => {
  const page = readFileSync(join(ROOT, "docs/guide/from-partykit.md"), "utf8");

  it("shows what the tool writes", () => {
    const example = join(ROOT, "examples/from-partykit");
    const config = { name: "chat", main: "src/server.ts", compatibilityDate: "2026-08-01" };
    report({ "partykit.json": JSON.stringify(config), "src/server.ts": "" });
    const written = (path: string) => readFileSync(join(folder, path), "utf8").trim();
    const shown = [...page.matchAll(/^( *)```(\w+)\n([^]*?)^ *```$/gm)].map(
      ([, indent = "", , code = ""]) => code.replaceAll(new RegExp(`^${indent}`, "gm"), "").trim(),
    );
    expect(shown).toContain(`// src/partyflare.ts\n${written("src/partyflare.ts")}`);
    const wrangler = shown.find((code) => code.includes('"durable_objects"')) ?? "";
    expect(JSON.parse(plain(wrangler))).toEqual(JSON.parse(plain(written("wrangler.jsonc"))));

    // And the example is what it makes.
    rmSync(join(folder, "src/partyflare.ts"));
    rmSync(join(folder, "wrangler.jsonc"));
    const read = (path: string) => readFileSync(join(example, path), "utf8");
    report({ "partykit.json": read("partykit.json") });
    expect(read("partyflare.ts").trim()).toBe(written("partyflare.ts"));
    const { $schema, ...made } = JSON.parse(plain(written("wrangler.jsonc")));
    expect(JSON.parse(plain(read("wrangler.jsonc")))).toMatchObject(made);
    expect($schema).toBeTypeOf("string");
  });
});

/** JSON without the comments and last commas of JSONC. */
function plain(text: string): string {
  return text.replaceAll(/^\s*\/\/.*$/gm, "").replaceAll(/,(?=\s*[}\]])/g, "");
}
