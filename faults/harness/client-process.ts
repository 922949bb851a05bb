// The process of the clients: bundled with the library, and started by `clients.ts`.
import type {
  ClientCommand,
  ClientRecord,
  ClientReport,
  ClientRequest,
} from "./client-messages.ts";
import { Talker } from "./talker.ts";

const talkers = new Map<string, Talker>();

// Nobody is there any more who would want to know.
process.on("disconnect", () => process.exit(0));
process.on("message", (request: ClientRequest) => void answer(request));
tell({ kind: "ready" });

async function answer({ id, command }: ClientRequest): Promise<void> {
  try {
    tell({ kind: "done", id, records: await obey(command) });
  } catch (error) {
    tell({
      kind: "failed",
      id,
      error: error instanceof Error ? (error.stack ?? "") : String(error),
    });
  }
}

async function obey(command: ClientCommand): Promise<ClientRecord[]> {
  switch (command.kind) {
    case "open":
      for (const spec of command.specs) {
        const onStatus = (status: ClientRecord["status"]) =>
          tell({ kind: "status", name: spec.name, status });
        talkers.set(spec.name, new Talker(spec, onStatus));
      }
      return [];
    case "talk":
      for (const name of command.names) talkerOf(name).talk(command.pauseMs);
      return [];
    case "flood":
      await talkerOf(command.name).flood(command.messages);
      return [];
    case "hush":
      await Promise.all(command.names.map((name) => talkerOf(name).hush()));
      return [];
    case "records":
      return command.names.map((name) => talkerOf(name).record);
    case "close":
      for (const name of command.names) {
        talkerOf(name).close();
        talkers.delete(name);
      }
      return [];
    default:
      return command satisfies never;
  }
}

function talkerOf(name: string): Talker {
  const talker = talkers.get(name);
  if (!talker) throw new Error(`There is no client "${name}".`);
  return talker;
}

function tell(report: ClientReport): void {
  process.send?.(report);
}
