import type { Library } from "./bundle.ts";
import type { PresenceTabRecord, PresenceTabSpec, TabAction } from "./presence-messages.ts";
import { Tabs } from "./tabs.ts";

/** Tabs of rooms with presence. */
export type PresenceTabs = Tabs<PresenceTabSpec, TabAction, PresenceTabRecord>;

export function startPresenceTabs(library: Library, processes: number): Promise<PresenceTabs[]> {
  return Tabs.start("harness/presence-process.ts", library, processes);
}
