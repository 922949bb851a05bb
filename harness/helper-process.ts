import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { undoAtExit } from "./clean-up.ts";
import type { Answer, Order } from "./orders.ts";

/** A process that obeys orders, as its run sees it. Its program calls `obeyOrders`. */
export class HelperProcess<Command> {
  readonly #child: ChildProcess;
  readonly #kill: () => void;
  readonly #onNews: (news: never) => void;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  readonly #ready = Promise.withResolvers<void>();
  #lastId = 0;

  private constructor(child: ChildProcess, onNews: (news: never) => void) {
    this.#child = child;
    this.#kill = undoAtExit(() => child.kill("SIGKILL"));
    this.#onNews = onNews;
    child.on("message", (answer: Answer) => this.#receive(answer));
    child.on("exit", () => this.#end(new Error("The process has ended.")));
    child.on("error", (error) => this.#end(error));
  }

  /**
   * Waits until a process is ready.
   *
   * @param child a process with a channel to this one.
   * @param onNews gets what the process tells without an order.
   */
  static async of<Command>(
    child: ChildProcess,
    onNews: (news: never) => void = () => {},
  ): Promise<HelperProcess<Command>> {
    const helper = new HelperProcess<Command>(child, onNews);
    await helper.#ready.promise;
    return helper;
  }

  /**
   * Gives an order, and returns its result.
   *
   * @throws Error if the process fails at it, or ends.
   */
  ask(command: Command): Promise<unknown> {
    const id = (this.#lastId += 1);
    const answered = Promise.withResolvers<unknown>();
    this.#waiting.set(id, answered);
    const order: Order = { id, command };
    this.#child.send(order, (error) => error && answered.reject(error));
    return answered.promise;
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
    const { exitCode, signalCode } = this.#child;
    const ended = exitCode === null && signalCode === null ? once(this.#child, "exit") : undefined;
    this.#kill();
    await ended;
  }

  #receive(answer: Answer): void {
    switch (answer.kind) {
      case "ready":
        return this.#ready.resolve();
      case "done":
        return this.#take(answer.id)?.resolve(answer.result);
      case "failed":
        return this.#take(answer.id)?.reject(new Error(answer.error));
      case "news":
        return this.#onNews(answer.news as never);
      default:
        return answer satisfies never;
    }
  }

  #take(id: number): PromiseWithResolvers<unknown> | undefined {
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
