import { cloudflare } from "@cloudflare/vite-plugin";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** Where the rooms' storage is kept; tests name a folder of their own. Default: .wrangler/state. */
const { PARTYFLARE_STATE_FOLDER: stateFolder } = process.env;

// oxlint-disable-next-line import/no-default-export -- Vite asks for it.
export default defineConfig({
  plugins: [
    react(),
    cloudflare({
      persistState: stateFolder === undefined ? true : { path: stateFolder },
      // Two servers that start at once would take the same port, and one of them answers nothing then.
      inspectorPort: stateFolder === undefined ? undefined : false,
    }),
  ],
  server: { open: hasScreen() },
  preview: { open: false },
});

/** Whether somebody sits in front of a terminal and a browser can be opened for them. */
function hasScreen(): boolean {
  const { CI, DISPLAY, WAYLAND_DISPLAY } = process.env;
  if (CI || !process.stdout.isTTY) return false;
  return process.platform !== "linux" || Boolean(DISPLAY || WAYLAND_DISPLAY);
}
