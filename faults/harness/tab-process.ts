import { obeyOrders } from "@partyflare/harness/orders";
import type { BrowserTab } from "./browser.ts";
import type { TabCommand } from "./tabs.ts";

/** One tab of a browser, in the process of the tabs. */
interface Tab<Action> {
  /** What it shows. */
  readonly record: unknown;
  /** Does what a user does. A promise lasts as long as the tab waits for the room. */
  act(action: Action): void | Promise<void>;
  /** Closes the page, if there is one. */
  close(): void;
}

/** Opens a tab, in which no page is loaded yet. */
type Open<Spec, Action> = (spec: Spec) => Tab<Action>;

/** Makes this process one of tabs: see `Tabs`. */
export function serveTabs<Spec extends BrowserTab, Action>(open: Open<Spec, Action>): void {
  const tabs = new Map<string, Tab<Action>>();
  const tabOf = (name: string) => {
    const tab = tabs.get(name);
    if (!tab) throw new Error(`There is no tab "${name}".`);
    return tab;
  };
  // In development, the library explains why a client does not get through.
  console.warn = () => {};
  obeyOrders(async (command: TabCommand<Spec, Action>): Promise<unknown> => {
    switch (command.kind) {
      case "add":
        for (const spec of command.specs) tabs.set(spec.name, open(spec));
        return undefined;
      case "act":
        return tabOf(command.name).act(command.action);
      case "actAndShow": {
        const tab = tabOf(command.name);
        await tab.act(command.action);
        return tab.record;
      }
      case "records":
        return command.names.map((name) => tabOf(name).record);
      case "remove":
        for (const name of command.names) {
          tabOf(name).close();
          tabs.delete(name);
        }
        return undefined;
      default:
        return command satisfies never;
    }
  });
}
