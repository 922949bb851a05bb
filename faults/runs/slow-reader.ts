import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "@partyflare/harness/wait";
import { check, checkRoom } from "../harness/check.ts";
import { Clients } from "../harness/clients.ts";
import { handshake } from "../harness/handshake.ts";
import { Workerd } from "../harness/workerd.ts";
import { p99 } from "./p99.ts";
import { type RunContext, type RunResult, settledWithinMs } from "./run.ts";

const MEBIBYTE = 1_048_576;
const SENT_MEBIBYTES = 100;
const MAX_GROWTH_BYTES = 16 * MEBIBYTE;

/**
 * Garbage would hide what is measured: without these, the peak of one pour is 5 to 27 MiB above that
 * of the pour before it, and it levels off after about 15. With them it is 0 to 5 MiB above.
 */
const V8_FLAGS = ["--expose-gc", "--min-semi-space-size=4", "--max-semi-space-size=4"];

const TOO_SLOW = 4408;
const WITHIN_MS = 60_000;
const MEASURE_EVERY_MS = 10;

/** Others may be slowed down so much, in the long run, by what happens beside them. */
const MAX_SLOWDOWN = 3;

const PARTIES = {
  ci: ["hibernating"],
  long: ["hibernating", "in-memory"],
  planted: ["hibernating"],
} as const;

/**
 * A client stops reading while its room sends 100 MiB. workerd does not keep that for it: it grows
 * by less than 16 MiB over what it took to send as much to those who read, and closes the reader
 * with 4408. A client beside it misses nothing.
 */
export async function slowReader({ scale, library }: RunContext): Promise<RunResult> {
  const counts: Record<string, number> = { "mebibytes sent": SENT_MEBIBYTES };
  for (const party of PARTIES[scale]) {
    const workerd = await Workerd.start(library, {}, V8_FLAGS);
    const clients = await Clients.start(library);
    try {
      const skipped = await whyNot(workerd);
      if (skipped) return { counts: {}, skipped };
      const place = { party, room: "slow", host: workerd.host };
      const names = ["reader"];
      await clients.open([{ name: "reader", ...place }]);
      await clients.allBecome("open", names, WITHIN_MS);
      await clients.talk(names, { pauseMs: 5 });
      const pour = async () => {
        await workerd.collectGarbage(party, place.room);
        await workerd.pour(party, place.room, SENT_MEBIBYTES);
      };

      // What sending costs at all is not what is asked. Twice, for what workerd takes only once.
      await pour();
      const fairPeak = await peakOf(workerd, pour);
      const before = (await clients.records(names))[0];

      const url = workerd.roomUrl(party, place.room);
      const reader = await handshake(`${url}?_pk=stopped`);
      check(reader.status === 101, `the upgrade was answered with ${reader.status}`);
      reader.socket?.pause();
      const stoppedPeak = await peakOf(workerd, pour);
      const growth = stoppedPeak - fairPeak;
      counts[`growth in MiB, ${party}`] = Number((growth / MEBIBYTE).toFixed(1));
      check(growth < MAX_GROWTH_BYTES, `workerd grew by ${growth} bytes`);

      await eventually("the stopped reader is closed", WITHIN_MS, async () => {
        const { visits } = await workerd.report(party, place.room);
        const closes = String(visits.find(({ id }) => id === "stopped")?.closes);
        check(closes === String(TOO_SLOW), `it was closed with ${closes}`);
        return true;
      });
      reader.socket?.destroy();
      await clients.hush(names);
      const [after] = await checkRoom(
        { workerd, clients },
        { ...place, names, withinMs: settledWithinMs({ scale, library }) },
      );
      check(after?.opens === 1, "the client beside it has lost its connection");
      check(after.textLength === 3 * SENT_MEBIBYTES * MEBIBYTE, `it was sent ${after.textLength}`);
      if (scale === "long") {
        const fair = p99(before?.confirmedAfterMs ?? []);
        const beside = p99(after.confirmedAfterMs.slice(before?.confirmedAfterMs.length));
        counts[`p99 beside a reader in ms, ${party}`] = fair;
        counts[`p99 beside the stopped reader in ms, ${party}`] = beside;
        check(beside <= fair * MAX_SLOWDOWN, `the p99 of others rose from ${fair} to ${beside} ms`);
      }
    } finally {
      await clients.stop();
      await workerd.stop();
    }
  }
  return { counts };
}

async function whyNot(workerd: Workerd): Promise<string | undefined> {
  if (workerd.residentBytes() === undefined) return "memory is measured on Linux only";
  const { hasBufferedAmount } = await workerd.report("hibernating", "capabilities");
  if (hasBufferedAmount) return undefined;
  return "this workerd does not tell how much a socket has yet to send (WebSocket.bufferedAmount)";
}

/** The most memory that workerd had while something was done. */
async function peakOf(workerd: Workerd, action: () => Promise<void>): Promise<number> {
  const done = new AbortController();
  let peak = 0;
  const measure = async () => {
    while (!done.signal.aborted) {
      peak = Math.max(peak, workerd.residentBytes() ?? 0);
      await sleep(MEASURE_EVERY_MS);
    }
  };
  await Promise.all([action().finally(() => done.abort()), measure()]);
  return peak;
}
