// The process of the tabs: bundled with the library, and started by `presence-tabs.ts`.
import type { PresenceAnswer, PresenceCommand, PresenceOrder } from "./presence-messages.ts";
import { PresenceTab } from "./presence-tab.ts";

const tabs = new Map<string, PresenceTab>();

// In development, the library explains why a client does not get through.
console.warn = () => {};

// Nobody is there any more who would want to know.
process.on("disconnect", () => process.exit(0));
process.on("message", (order: PresenceOrder) => void answer(order));
tell({ kind: "ready" });

async function answer({ id, command }: PresenceOrder): Promise<void> {
  try {
    tell({ kind: "done", id, result: await obey(command) });
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    tell({ kind: "failed", id, error: text });
  }
}

function tell(message: PresenceAnswer): void {
  process.send?.(message);
}

function obey(command: PresenceCommand): unknown {
  switch (command.kind) {
    case "add":
      for (const spec of command.specs) tabs.set(spec.name, new PresenceTab(spec));
      return undefined;
    case "act":
      return tabOf(command.name).act(command.action);
    case "poke":
      return tabOf(command.name).poke();
    case "records":
      return command.names.map((name) => tabOf(name).record);
    case "remove":
      for (const name of command.names) {
        tabOf(name).act({ kind: "close" });
        tabs.delete(name);
      }
      return undefined;
    default:
      return command satisfies never;
  }
}

function tabOf(name: string): PresenceTab {
  const tab = tabs.get(name);
  if (!tab) throw new Error(`There is no tab "${name}".`);
  return tab;
}
