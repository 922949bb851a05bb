// The process of the tabs of rooms with presence: bundled with the library, and started by `Tabs`.
import type { PresenceTabSpec } from "./presence-messages.ts";
import { PresenceTab } from "./presence-tab.ts";
import { serveTabs } from "./tab-process.ts";

serveTabs((spec: PresenceTabSpec) => new PresenceTab(spec));
