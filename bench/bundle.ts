import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const WORKER = fileURLToPath(new URL("worker/worker.ts", import.meta.url));

let built: Promise<string> | undefined;

/** The Worker that holds all contenders, as one module, with the libraries as they are shipped. */
export function workerModule(): Promise<string> {
  built ??= bundle();
  return built;
}

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [WORKER],
    write: false,
    bundle: true,
    format: "esm",
    target: "es2022",
    platform: "neutral",
    mainFields: ["module", "main"],
    // As wrangler has it.
    conditions: ["workerd", "worker", "browser"],
    define: { "process.env.NODE_ENV": '"production"' },
    external: ["cloudflare:*"],
    logLevel: "silent",
  });
  const [file] = outputFiles;
  if (!file) throw new Error("The Worker was not built.");
  return file.text;
}
