import type { Note } from "./note";
import type { PartyKitConfig } from "./partykit-config";

/** Returns wrangler's `assets` for `serve`; undefined if the project serves no files. */
export function assetsOf({ serve, assets }: PartyKitConfig, notes: Note[]): object | undefined {
  const field = serve === undefined ? "assets" : "serve";
  const served = serve ?? assets;
  if (served === undefined) return undefined;
  const { path, build, singlePageApp, include, exclude, browserTTL, edgeTTL } =
    typeof served === "string" ? { path: served } : served;

  if (build !== undefined) {
    notes.push({
      field: `${field}.build`,
      reason: "wrangler does not bundle pages.",
      remedy: `Let Vite or esbuild write the page into "${path ?? "public"}", before you deploy.`,
    });
  }
  if (include !== undefined || exclude !== undefined) {
    notes.push({
      field: `${field}.${include === undefined ? "exclude" : "include"}`,
      reason: "wrangler reads the files to leave out from a file in the folder.",
      remedy: `List them in "${path ?? "public"}/.assetsignore", as in .gitignore.`,
    });
  }
  if (typeof browserTTL === "number" || typeof edgeTTL === "number") {
    notes.push({
      field: `${field}.${typeof browserTTL === "number" ? "browserTTL" : "edgeTTL"}`,
      reason: "wrangler takes cache times from a file in the folder.",
      remedy: `Set Cache-Control in "${path ?? "public"}/_headers".`,
    });
  }
  if (path === undefined) return undefined;
  return {
    directory: path.startsWith(".") ? path : `./${path}`,
    // PartyKit's room.context.assets.
    binding: "ASSETS",
    ...(singlePageApp && {
      not_found_handling: "single-page-application",
      // Otherwise, the page would answer for the rooms as well.
      run_worker_first: ["/parties/*", "/party/*"],
    }),
  };
}
