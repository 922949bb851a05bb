import { fork } from "node:child_process";
import { join } from "node:path";
import { temporaryFolder } from "@partyflare/harness/clean-up";
import { HelperProcess } from "@partyflare/harness/helper-process";
import { bundle, type Library } from "./bundle.ts";

/** What a process of tabs can be asked to do, and what it answers with. */
export type TabCommand<Spec, Action> =
  | { readonly kind: "add"; readonly specs: readonly Spec[] }
  | { readonly kind: "act"; readonly name: string; readonly action: Action }
  /** The tab's record, as soon as the action has ended. */
  | { readonly kind: "actAndShow"; readonly name: string; readonly action: Action }
  /** The records of tabs. */
  | { readonly kind: "records"; readonly names: readonly string[] }
  /** Closes tabs, and forgets them. */
  | { readonly kind: "remove"; readonly names: readonly string[] };

/**
 * Tabs in a process of their own, which use the library as an app does.
 *
 * @typeParam Spec a tab before its page is loaded.
 * @typeParam Action what a user does in a tab, or the app in its page.
 * @typeParam Shown what a tab shows, and what its page has done.
 */
export class Tabs<Spec, Action, Shown> {
  readonly #process: HelperProcess<TabCommand<Spec, Action>>;

  private constructor(started: HelperProcess<TabCommand<Spec, Action>>) {
    this.#process = started;
  }

  /**
   * Builds a program that calls `serveTabs`, and starts so many processes of it.
   *
   * @param entry from the folder of the fault runs: `harness/presence-process.ts`.
   */
  static async start<Spec, Action, Shown>(
    entry: string,
    library: Library,
    processes: number,
  ): Promise<Tabs<Spec, Action, Shown>[]> {
    const folder = temporaryFolder();
    try {
      const to = join(folder.path, "tabs.mjs");
      await bundle(entry, { to, platform: "node", library });
      const started = Array.from({ length: processes }, async () => {
        return new Tabs<Spec, Action, Shown>(
          await HelperProcess.of(fork(to, { stdio: "inherit" })),
        );
      });
      return await Promise.all(started);
    } finally {
      folder.remove();
    }
  }

  async add(specs: readonly Spec[]): Promise<void> {
    await this.#process.ask({ kind: "add", specs });
  }

  async act(name: string, action: Action): Promise<void> {
    await this.#process.ask({ kind: "act", name, action });
  }

  /** Has a tab do something. @returns what it shows as soon as that has ended. */
  async actAndShow(name: string, action: Action): Promise<Shown> {
    return (await this.#process.ask({ kind: "actAndShow", name, action })) as Shown;
  }

  async records(names: readonly string[]): Promise<Shown[]> {
    return (await this.#process.ask({ kind: "records", names })) as Shown[];
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
