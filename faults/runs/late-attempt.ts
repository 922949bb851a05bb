import { setTimeout as sleep } from "node:timers/promises";
import { checkRoom } from "../harness/check.ts";
import { Clients } from "../harness/clients.ts";
import { Link } from "../harness/proxy.ts";
import { Workerd } from "../harness/workerd.ts";
import { type RunContext, type RunResult, settledWithinMs } from "./run.ts";

const TIMEOUT_MS = 500;

/** Longer than the client waits for an attempt, and shorter than it waits twice. */
const LATE_BY_MS = 900;

const WITHIN_MS = 15_000;

/**
 * The network holds back a client's first attempt for longer than the client waits for it, and
 * then lets it through, behind the second one. That one is still the client's connection, or the
 * client comes back: it is not closed for good by an attempt that it has itself given up.
 */
export async function lateAttempt({ scale, library }: RunContext): Promise<RunResult> {
  const workerd = await Workerd.start(library);
  const clients = await Clients.start(library);
  const link = await Link.open(workerd.port);
  const place = { party: "hibernating", room: "late", host: link.host } as const;
  const timing = {
    connectionTimeout: TIMEOUT_MS,
    backoff: { initialMs: 1, maxMs: 1 },
  };
  try {
    const delay = {
      kind: "delay",
      direction: "up",
      ms: LATE_BY_MS,
      forMs: TIMEOUT_MS / 2,
    } as const;
    const suffering = link.suffer([{ afterMs: 0, fault: delay }]);
    await clients.open([{ name: "late", ...place, timing }]);
    await suffering;
    await clients.allBecome("open", ["late"], WITHIN_MS);
    await sleep(LATE_BY_MS);
    await clients.allBecome("open", ["late"], WITHIN_MS);
    const withinMs = settledWithinMs({ scale, library });
    await checkRoom({ workerd, clients }, { ...place, names: ["late"], withinMs });
    return { counts: { attempts: link.acceptedAtMs.length } };
  } finally {
    await clients.stop();
    await link.close();
    await workerd.stop();
  }
}
