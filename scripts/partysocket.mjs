// Bundles partysocket into the client. It dials, and no more is asked of it: what a dialer never calls,
// its texts for the console, and the names of its private properties are more than half of it.
import { cp, readFile } from "node:fs/promises";
import { transform } from "esbuild";

/** Its log, which only its option `debug` turns on. */
const LOG =
  /this\._debug\([^;]*\);|_debugLogger = [^;]*;|if \(this\._options\.debugLogger\)[^;]*;/g;

/** Members of its class that nobody calls: `connection/attempt.ts` only makes it and closes it. */
const UNUSED = [
  "_debug",
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
  String.raw`^  (?:get |set )?(?:${UNUSED.join("|")})\([^)]*\) \{\n[^]*?^  \}\n`,
  "gm",
);

/** A plugin for esbuild, run in the client's folder. Its licence goes along. */
export const partysocket = {
  name: "partysocket",
  setup({ onLoad, onEnd }) {
    onLoad({ filter: /partysocket\/dist\/ws\.js$/ }, async ({ path }) => {
      const source = (await readFile(path, "utf8")).replaceAll(LOG, "").replaceAll(MEMBERS, "");
      const { code } = await transform(source, { drop: ["console"], mangleProps: /^_/ });
      return { contents: code };
    });
    onEnd(() => cp("node_modules/partysocket/LICENSE.txt", "dist/LICENSE-partysocket.txt"));
  },
};
