import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { undoAtExit } from "@partyflare/harness/clean-up";
import { spawnProgram } from "@partyflare/harness/program";
import type { LoadAnswer, LoadCommand, LoadReport, LoadRequest } from "./messages.ts";

const PROCESS = fileURLToPath(new URL("process.ts", import.meta.url));

/** A load generator in a process of its own, as this one sees it. */
export class Load {
  readonly #child: ChildProcess;
  readonly #kill: () => void;
  readonly #waiting = new Map<number, PromiseWithResolvers<LoadReport>>();
  readonly #ready = Promise.withResolvers<void>();
  #lastId = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#kill = undoAtExit(() => child.kill("SIGKILL"));
    child.on("message", (answer: LoadAnswer) => this.#hear(answer));
    child.on("exit", () => this.#end(new Error("The load generator has ended.")));
    child.on("error", (error) => this.#end(error));
  }

  /** @param openFiles how many connections it may have, and a few more. */
  static async start(openFiles: number): Promise<Load> {
    const child = spawnProgram(process.execPath, [PROCESS], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      openFiles,
    });
    const load = new Load(child);
    await load.#ready.promise;
    return load;
  }

  /** Has it do something, and waits until that is done. */
  async ask(command: LoadCommand): Promise<LoadReport> {
    this.#lastId += 1;
    const id = this.#lastId;
    const answered = Promise.withResolvers<LoadReport>();
    this.#waiting.set(id, answered);
    this.#child.send({ id, command } satisfies LoadRequest);
    return answered.promise;
  }

  /** Ends it, and its connections with it. */
  async stop(): Promise<void> {
    const { exitCode, signalCode } = this.#child;
    const ended = exitCode === null && signalCode === null ? once(this.#child, "exit") : null;
    this.#kill();
    await ended;
  }

  #hear(answer: LoadAnswer): void {
    switch (answer.kind) {
      case "ready":
        return this.#ready.resolve();
      case "done":
        return this.#take(answer.id)?.resolve(answer.report);
      case "failed":
        return this.#take(answer.id)?.reject(new Error(answer.error));
      default:
        return answer satisfies never;
    }
  }

  #take(id: number): PromiseWithResolvers<LoadReport> | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }

  #end(error: Error): void {
    this.#ready.reject(error);
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
