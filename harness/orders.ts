/** From a run to a process of its own. */
export interface Order {
  readonly id: number;
  readonly command: unknown;
}

/** From that process to its run. */
export type Answer =
  | { readonly kind: "ready" }
  | { readonly kind: "done"; readonly id: number; readonly result: unknown }
  | { readonly kind: "failed"; readonly id: number; readonly error: string }
  | { readonly kind: "news"; readonly news: unknown };

/** Obeys the orders of the run that has started this process, and ends with it. */
export function obeyOrders(obey: (command: never) => unknown): void {
  // Nobody is there any more who would want to know.
  process.on("disconnect", () => process.exit(0));
  process.on("message", (order: Order) => void answer(order, obey));
  send({ kind: "ready" });
}

/** Tells the run what it has not asked for. */
export function tell(news: unknown): void {
  send({ kind: "news", news });
}

async function answer({ id, command }: Order, obey: (command: never) => unknown): Promise<void> {
  try {
    send({ kind: "done", id, result: await obey(command as never) });
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    send({ kind: "failed", id, error: text });
  }
}

function send(answer: Answer): void {
  process.send?.(answer);
}
