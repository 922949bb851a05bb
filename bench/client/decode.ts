import { type Contender, CONTENDERS } from "./contenders.ts";
import { messagesOf } from "./messages.ts";

/** What arrives, and how much of it. */
export interface DecodeTask {
  readonly frameBytes: number;
  readonly framesAMessage: number;
  /** How many events a contender gets in its turn. */
  readonly events: number;
  readonly rounds: number;
}

/** Rounds that do not count: what a compiler makes of the code has to be there first. */
const WARM_UP_ROUNDS = 3;

/**
 * Lets the contenders take turns, in Node and in browsers alike.
 *
 * @returns microseconds an event, one value a round, by contender.
 */
export async function measureDecoding(task: DecodeTask): Promise<Record<string, number[]>> {
  const messages = messagesOf(task.frameBytes, task.framesAMessage);
  let handled = 0;
  const clients: [name: string, client: Contender][] = [];
  for (const [name, make] of Object.entries(CONTENDERS)) {
    clients.push([name, await make(({ shapes }) => (handled += Math.min(shapes.length, 1)))]);
  }
  const values = Object.fromEntries(clients.map(([name]): [string, number[]] => [name, []]));
  const feeds = Math.ceil(task.events / task.framesAMessage);
  const events = feeds * task.framesAMessage;
  for (let round = -WARM_UP_ROUNDS; round < task.rounds; round += 1) {
    for (const [name, client] of clients) {
      // Timers get their turn, which is where signs of life are given.
      await new Promise((resolve) => setTimeout(resolve));
      handled = 0;
      const microseconds = timeOf(client, messages, feeds);
      if (handled !== events) throw new Error(`${name} handled ${handled} of ${events} events.`);
      if (round >= 0) values[name]?.push(microseconds / events);
    }
  }
  for (const [, client] of clients) client.close();
  return values;
}

function timeOf(
  client: Contender,
  messages: readonly MessageEvent<string>[],
  feeds: number,
): number {
  const start = performance.now();
  for (let index = 0; index < feeds; index += 1) {
    const message = messages[index % messages.length];
    if (message) client.receive(message);
  }
  return (performance.now() - start) * 1_000;
}
