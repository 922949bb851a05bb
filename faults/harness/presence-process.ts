// The process of the tabs: bundled with the library, and started by `presence-tabs.ts`.
import { obeyOrders } from "@partyflare/harness/orders";
import type { PresenceCommand } from "./presence-messages.ts";
import { PresenceTab } from "./presence-tab.ts";

const tabs = new Map<string, PresenceTab>();

// In development, the library explains why a client does not get through.
console.warn = () => {};

obeyOrders(obey);

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
