import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What is still to be undone. Synchronous, so that it can be done while the process exits. */
const undone = new Set<() => void>();

process.on("exit", undoAll);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    undoAll();
    process.exit(1);
  });
}

/**
 * Sees to it that something is undone when this process ends, however it ends.
 *
 * @returns undoes it now. To call it twice does no harm.
 */
export function undoAtExit(undo: () => void): () => void {
  const once = () => {
    if (undone.delete(once)) undo();
  };
  undone.add(once);
  return once;
}

/** A new folder that is gone when this process is. */
export function temporaryFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), "partyflare-"));
  return { path, remove: undoAtExit(() => rmSync(path, { recursive: true, force: true })) };
}

function undoAll(): void {
  for (const undo of [...undone].toReversed()) undo();
}
