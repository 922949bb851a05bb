// Bundles partysocket into the client. It dials, and no more is asked of it: what a dialer never calls,
// its texts for the console, and the names of its private properties are more than half of it.
import { cp, readFile } from "node:fs/promises";
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
      let source = await readFile(path, "utf8");
      for (const unused of [LOG, EVENTS, MEMBERS]) source = source.replaceAll(unused, "");
      const { code } = await transform(source, { drop: ["console"], mangleProps: /^_/ });
      return { contents: code };
    });
    onEnd(() => cp("node_modules/partysocket/LICENSE.txt", "dist/LICENSE-partysocket.txt"));
  },
};
