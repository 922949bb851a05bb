// Bundles partysocket into the client. It dials once, and no more is asked of it: its retries, timeouts
// and events, its texts for the console, and the names of its private properties are left out.
import { cp, readFile } from "node:fs/promises";
import { basename } from "node:path";
import { transform } from "esbuild";

/** Its file, of which only one class is used. */
const FILE = /partysocket\/dist\/ws\.js$/;
const CLASS =
  /^(var ReconnectingWebSocket = class) ReconnectingWebSocket extends EventTarget (\{\n[^]*?^\};\n)/m;

/** The members that dial, and those that close. What uses any other member is left out. */
const MEMBERS = new Set([
  "_closeCalled",
  "_connect",
  "_disconnect",
  "_options",
  "_protocols",
  "_url",
  "_wait",
  "_ws",
  "close",
  "constructor",
]);

/** The code of the class, as its file is formatted. */
const MEMBER = /^ {2}(?:static |get |set )*(\w+)(?:[^\n]*;|[^\n]*\{\n[^]*?^ {2}\};?)$/gm;
const STATEMENT = /[^;{}]*;/g;
const BLOCK = /if \(([^{}]*)\) \{[^{}]*\}/g;

/** Parts of statements that stay, and parts that these patterns do not find. */
const REPLACEMENTS = [
  ["super();", ""],
  // Its log, which is off by default.
  [/this\._debug\([^;]*\);/g, ""],
  // The options of its retries.
  [/const \{[^}]*\} = this\._options;/g, ""],
  // An attempt gives it values, where it also takes functions.
  ["this._getNextUrl(this._url)", "this._url"],
  ["this._getNextProtocols(this._protocols || null)", "this._protocols"],
  // The wait before its first attempt.
  ["this._getNextDelay()", "0"],
  ["this.CONNECTING", "0"],
  ["this.OPEN", "1"],
  ["this.CLOSING", "2"],
  ["this.CLOSED", "3"],
  // Its text where there are no WebSockets. A client throws there before it dials.
  [/if \(\s+!this\._options\.WebSocket &&[^]*?MissingWebSocket = true;\n\s+\}/g, ""],
];

/** A plugin for esbuild, which bundles the part that dials. */
export const partysocket = {
  name: "partysocket",
  setup({ onLoad }) {
    onLoad({ filter: FILE }, async ({ path }) => {
      const published = await readFile(path, "utf8");
      const { code, map } = await transform(dialerOf(published), {
        mangleProps: /^_/,
        sourcemap: "external",
        sourcefile: basename(path),
      });
      return { contents: code + inlineMap({ ...JSON.parse(map), sourcesContent: [published] }) };
    });
  },
};

/** A plugin for esbuild, run in the client's folder: the licence goes along. */
export const licenceOfPartysocket = {
  name: "licence of partysocket",
  setup({ onEnd }) {
    onEnd(() => cp("node_modules/partysocket/LICENSE.txt", "dist/LICENSE-partysocket.txt"));
  },
};

/** A plugin for Vitest: tests run on the part that is bundled. */
export const bundledPartysocket = {
  name: "partysocket",
  transform: (source, id) => (FILE.test(id) ? dialerOf(source) : undefined),
};

/** Returns the part of partysocket's file that dials. It has the same lines. */
function dialerOf(published) {
  const { 1: head, 2: body, index } = CLASS.exec(published);
  let dialer = body.replaceAll(MEMBER, (text, name) => (MEMBERS.has(name) ? text : linesOf(text)));
  for (const [part, replacement] of REPLACEMENTS) {
    dialer = dialer.replaceAll(part, (text) => replacement + linesOf(text));
  }
  dialer = dialer
    .replaceAll(STATEMENT, (text) => (usesOthers(text) ? linesOf(text) : text))
    .replaceAll(BLOCK, (text, condition) => (usesOthers(condition) ? linesOf(text) : text));
  if (usesOthers(dialer)) throw new Error("partysocket has changed: see scripts/partysocket.mjs.");
  const before = linesOf(published.slice(0, index));
  return `${before}${head} ${dialer}export { ReconnectingWebSocket as default };`;
}

/** Whether code uses a member that is left out. */
function usesOthers(code) {
  return Array.from(code.matchAll(/\bthis\.(\w+)/g)).some(([, name]) => !MEMBERS.has(name));
}

/** The line breaks of a text: without it, its file has the same lines, and so the map is right. */
function linesOf(text) {
  return text.replaceAll(/[^\n]/g, "");
}

/** A source map as a comment, by which esbuild finds the file that was published. */
function inlineMap(map) {
  const base64 = Buffer.from(JSON.stringify(map)).toString("base64");
  return `//# sourceMappingURL=data:application/json;base64,${base64}\n`;
}
