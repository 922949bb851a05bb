import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The pending clean-ups. They are synchronous, so that they can run while the process exits. */
const undone = new Set<() => void>();

process.on("exit", undoAll);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    undoAll();
    process.exit(1);
  });
}

/**
 * Registers a clean-up that runs when this process ends, however it ends.
 *
 * @returns a function that runs it now. A second call does no harm.
 */
export function undoAtExit(undo: () => void): () => void {
  const once = () => {
    if (undone.delete(once)) undo();
  };
  undone.add(once);
  return once;
}

/** Creates a folder that is deleted when this process ends. */
export function temporaryFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), "partyflare-"));
  return { path, remove: undoAtExit(() => rmSync(path, { recursive: true, force: true })) };
}

function undoAll(): void {
  for (const undo of [...undone].toReversed()) undo();
}
