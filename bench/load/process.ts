// The load generator's process, started by `load.ts`.
import { Generator } from "./generator.ts";
import type { LoadAnswer, LoadRequest } from "./messages.ts";

const generator = new Generator();

// Nobody is there any more who would want to know.
process.on("disconnect", () => process.exit(0));
process.on("message", (request: LoadRequest) => void answer(request));
tell({ kind: "ready" });

async function answer({ id, command }: LoadRequest): Promise<void> {
  try {
    tell({ kind: "done", id, report: await generator.obey(command) });
  } catch (error) {
    tell({ kind: "failed", id, error: error instanceof Error ? error.message : String(error) });
  }
}

function tell(answer: LoadAnswer): void {
  process.send?.(answer);
}
