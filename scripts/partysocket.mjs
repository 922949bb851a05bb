// Bundles partysocket into the client. It dials, and no more is asked of it: its texts for the console,
// which it has no reason to write there, and the names of its private properties are a third of it.
import { cp, readFile } from "node:fs/promises";
import { transform } from "esbuild";

/** A plugin for esbuild, run in the client's folder. Its licence goes along. */
export const partysocket = {
  name: "partysocket",
  setup({ onLoad, onEnd }) {
    onLoad({ filter: /partysocket\/dist\/ws\.js$/ }, async ({ path }) => {
      // Its log, which only its option `debug` turns on.
      const source = (await readFile(path, "utf8")).replaceAll(/this\._debug\([^;]*\);/g, "");
      const { code } = await transform(source, { drop: ["console"], mangleProps: /^_/ });
      return { contents: code };
    });
    onEnd(() => cp("node_modules/partysocket/LICENSE.txt", "dist/LICENSE-partysocket.txt"));
  },
};
