// The process of the tabs of rooms with shared state: bundled with the library, and started by
// `Tabs`.
import type { BoardTabSpec } from "./shared-messages.ts";
import { BoardTab } from "./shared-tab.ts";
import { serveTabs } from "./tab-process.ts";

serveTabs((spec: BoardTabSpec) => new BoardTab(spec));
