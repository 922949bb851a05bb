import type { Cost, Entrant } from "../entrant.ts";
import { countedUsage, dayOf, type Done } from "./day.ts";
import type { Deed } from "./deeds.ts";
import { NO_USAGE, sum, type Usage } from "./prices.ts";
import { OPEN_HOURS } from "./script.ts";

/** What one room is used for, and what that is billed for. */
export class MeteredRoom {
  readonly entrant: Entrant;
  readonly #done: Done[] = [];

  constructor(entrant: Entrant) {
    this.entrant = entrant;
  }

  /** Does it twice: the first time, for which tables are made and code is compiled, does not count. */
  async do({ timesADay, act }: Deed): Promise<void> {
    await act(this.entrant, async (work) => void (await work()));
    await this.doOnce({ timesADay, act });
  }

  /** Does what cannot be done twice in a row, such as to wake it. */
  async doOnce({ timesADay, act }: Deed): Promise<void> {
    const usages: Usage[] = [];
    let done = 0;
    await act(this.entrant, async (work) => {
      const counted = await this.#count(work);
      usages.push(counted.usage);
      done += counted.done;
    });
    this.#done.push({ usage: sum([NO_USAGE, ...usages]), done, timesADay });
  }

  /** What all of it comes to, as often as it is done a day. */
  get day(): Usage {
    const { hibernates = false } = this.entrant.contender;
    return dayOf(this.#done, { openHours: OPEN_HOURS, hibernates });
  }

  async #count(work: () => Promise<Cost>): Promise<{ usage: Usage; done: number }> {
    const { contender, server } = this.entrant;
    const before = await server.counts();
    const { cpuMicroseconds, wallMs, done } = await work();
    const after = await server.counts();
    const counts = {
      requests: after.requests - before.requests,
      messages: after.messages - before.messages,
      rowsRead: after.rowsRead - before.rowsRead,
      rowsWritten: after.rowsWritten - before.rowsWritten,
      heldMs: after.heldMs - before.heldMs,
    };
    const hibernates = contender.hibernates ?? false;
    return { usage: countedUsage({ ...counts, cpuMicroseconds, wallMs }, hibernates), done };
  }
}
