import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { temporaryFolder, undoAtExit } from "@partyflare/harness/clean-up";
import { bundle, type Library } from "./bundle.ts";
import type {
  PresenceAnswer,
  PresenceCommand,
  PresenceOrder,
  PresenceTabRecord,
  PresenceTabSpec,
  TabAction,
} from "./presence-messages.ts";

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Tabs in a process of their own, which use the library as an app does. */
export class PresenceTabs {
  readonly #child: ChildProcess;
  readonly #stopChild: () => void;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#stopChild = undoAtExit(() => child.kill("SIGKILL"));
    child.on("message", (answer: PresenceAnswer) => this.#receive(answer));
    child.on("exit", () => this.#end());
  }

  /** Builds the tabs' program, and starts so many processes of it. */
  static async start(library: Library, processes: number): Promise<PresenceTabs[]> {
    const folder = temporaryFolder();
    try {
      const to = join(folder.path, "tabs.mjs");
      await bundle("harness/presence-process.ts", { to, platform: "node", library });
      const started = Array.from({ length: processes }, async () => {
        const tabs = new PresenceTabs(fork(to, { stdio: "inherit" }));
        await once(tabs.#child, "message");
        return tabs;
      });
      return await Promise.all(started);
    } finally {
      folder.remove();
    }
  }

  async add(specs: readonly PresenceTabSpec[]): Promise<void> {
    await this.#ask({ kind: "add", specs });
  }

  async act(name: string, action: TabAction): Promise<void> {
    await this.#ask({ kind: "act", name, action });
  }

  /** Has a tab call its room. @returns what it shows when the room has answered. */
  async poke(name: string): Promise<PresenceTabRecord> {
    return (await this.#ask({ kind: "poke", name })) as PresenceTabRecord;
  }

  async records(names: readonly string[]): Promise<PresenceTabRecord[]> {
    return (await this.#ask({ kind: "records", names })) as PresenceTabRecord[];
  }

  /** Closes tabs, and forgets them. */
  async remove(names: readonly string[]): Promise<void> {
    await this.#ask({ kind: "remove", names });
  }

  /** Stops the process where it stands, as an operating system does with a background app. */
  freeze(): void {
    this.#child.kill("SIGSTOP");
  }

  thaw(): void {
    this.#child.kill("SIGCONT");
  }

  /** Ends the process. */
  async stop(): Promise<void> {
    const ended = this.#child.exitCode === null ? once(this.#child, "exit") : undefined;
    this.#stopChild();
    await ended;
  }

  #ask(command: PresenceCommand): Promise<unknown> {
    const id = (this.#lastId += 1);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      const order: PresenceOrder = { id, command };
      this.#child.send(order, (error) => error && reject(error));
    });
  }

  #receive(answer: PresenceAnswer): void {
    if (answer.kind === "ready") return;
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (answer.kind === "done") waiting?.resolve(answer.result);
    else waiting?.reject(new Error(answer.error));
  }

  #end(): void {
    for (const waiting of this.#waiting.values()) {
      waiting.reject(new Error("The process of the tabs has ended."));
    }
    this.#waiting.clear();
  }
}
