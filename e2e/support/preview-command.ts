import { fileURLToPath } from "node:url";

/** The demo's folder. */
export const DEMO_FOLDER = fileURLToPath(new URL("../../apps/demo", import.meta.url));

/** Serves the built demo on workerd. By path, since a package manager in between keeps signals. */
export function previewCommand(port: number): [command: string, ...parameters: string[]] {
  return [
    process.execPath,
    "node_modules/vite/bin/vite.js",
    "preview",
    "--strictPort",
    "--host=127.0.0.1",
    `--port=${port}`,
  ];
}

/**
 * What it wants in its environment.
 *
 * @param stateFolder where the rooms' storage is kept.
 */
export function previewEnvironment(stateFolder: string): Record<string, string> {
  return {
    PARTYFLARE_STATE_FOLDER: stateFolder,
    WRANGLER_SEND_METRICS: "false",
    CLOUDFLARE_CF_FETCH_ENABLED: "false",
  };
}
