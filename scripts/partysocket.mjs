// Bundles partysocket into the client. It dials, and no more is asked of it: what a dialer never calls,
// its texts for the console, and the names of its private properties are more than half of it.
import { cp, readFile } from "node:fs/promises";
import { basename } from "node:path";
import { transform } from "esbuild";

/** Its log, which only its option `debug` turns on. */
const LOG =
  /this\._debug\([^;]*\);|_debugLogger = [^;]*;|if \(this\._options\.debugLogger\)[^;]*;/g;

/** Its events, and how it copies them: `connection/attempt.ts` listens to none. */
const EVENTS = new RegExp(
  [
    String.raw`this\.dispatchEvent\(cloneEvent\(event\)\);`,
    String.raw`if \(this\.on(\w+)\) this\.on\1\(event\);`,
    String.raw`^  on\w+ = null;`,
    String.raw`^const (?:isNode|isReactNative|cloneEvent) =[^;]*;`,
  ].join("|"),
  "gm",
);

/**
 * Members of its class that nobody calls: an attempt makes it and closes it, and gives it a socket that
 * has no events.
 */
const UNUSED = [
  "_acceptOpen",
  "_debug",
  "_handleMessage",
  "_handleOpen",
  "binaryType",
  "bufferedAmount",
  "drainQueuedMessages",
  "extensions",
  "protocol",
  "readyState",
  "reconnect",
  "retryCount",
  "send",
  "shouldReconnect",
  "url",
];

/** A member of a class, as partysocket's file is formatted. */
const MEMBERS = new RegExp(
  String.raw`^  (?:get |set )?(?:${UNUSED.join("|")})(?: = )?\([^)]*\)(?: =>)? \{\n[^]*?^  \};?\n`,
  "gm",
);

/** A plugin for esbuild, run in the client's folder. Its licence goes along. */
export const partysocket = {
  name: "partysocket",
  setup({ onLoad, onEnd }) {
    onLoad({ filter: /partysocket\/dist\/ws\.js$/ }, async ({ path }) => {
      const published = await readFile(path, "utf8");
      let source = published;
      for (const unused of [LOG, EVENTS, MEMBERS]) source = source.replaceAll(unused, linesOf);
      const { code, map } = await transform(source, {
        drop: ["console"],
        mangleProps: /^_/,
        sourcemap: "external",
        sourcefile: basename(path),
      });
      return { contents: code + inlineMap({ ...JSON.parse(map), sourcesContent: [published] }) };
    });
    onEnd(() => cp("node_modules/partysocket/LICENSE.txt", "dist/LICENSE-partysocket.txt"));
  },
};

/** The line breaks of a text: without it, its file has the same lines, and so the map is right. */
function linesOf(text) {
  return text.replaceAll(/[^\n]/g, "");
}

/** A source map as a comment, by which esbuild finds the file that was published. */
function inlineMap(map) {
  const base64 = Buffer.from(JSON.stringify(map)).toString("base64");
  return `//# sourceMappingURL=data:application/json;base64,${base64}\n`;
}
