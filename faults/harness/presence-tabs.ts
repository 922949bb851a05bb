import { fork } from "node:child_process";
import { join } from "node:path";
import { temporaryFolder } from "@partyflare/harness/clean-up";
import { HelperProcess } from "@partyflare/harness/helper-process";
import { bundle, type Library } from "./bundle.ts";
import type {
  PresenceCommand,
  PresenceTabRecord,
  PresenceTabSpec,
  TabAction,
} from "./presence-messages.ts";

/** Tabs in a process of their own, which use the library as an app does. */
export class PresenceTabs {
  readonly #process: HelperProcess<PresenceCommand>;

  private constructor(started: HelperProcess<PresenceCommand>) {
    this.#process = started;
  }

  /** Builds the tabs' program, and starts so many processes of it. */
  static async start(library: Library, processes: number): Promise<PresenceTabs[]> {
    const folder = temporaryFolder();
    try {
      const to = join(folder.path, "tabs.mjs");
      await bundle("harness/presence-process.ts", { to, platform: "node", library });
      const started = Array.from({ length: processes }, async () => {
        return new PresenceTabs(await HelperProcess.of(fork(to, { stdio: "inherit" })));
      });
      return await Promise.all(started);
    } finally {
      folder.remove();
    }
  }

  async add(specs: readonly PresenceTabSpec[]): Promise<void> {
    await this.#process.ask({ kind: "add", specs });
  }

  async act(name: string, action: TabAction): Promise<void> {
    await this.#process.ask({ kind: "act", name, action });
  }

  /** Has a tab call its room. @returns what it shows when the room has answered. */
  async poke(name: string): Promise<PresenceTabRecord> {
    return (await this.#process.ask({ kind: "poke", name })) as PresenceTabRecord;
  }

  async records(names: readonly string[]): Promise<PresenceTabRecord[]> {
    return (await this.#process.ask({ kind: "records", names })) as PresenceTabRecord[];
  }

  /** Closes tabs, and forgets them. */
  async remove(names: readonly string[]): Promise<void> {
    await this.#process.ask({ kind: "remove", names });
  }

  /** Stops the process where it stands, as an operating system does with a background app. */
  freeze(): void {
    this.#process.freeze();
  }

  thaw(): void {
    this.#process.thaw();
  }

  /** Ends the process. */
  stop(): Promise<void> {
    return this.#process.stop();
  }
}
