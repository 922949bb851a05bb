import { setTimeout as sleep } from "node:timers/promises";
import { check } from "../harness/check.ts";
import { handshake } from "../harness/handshake.ts";
import { Workerd } from "../harness/workerd.ts";
import type { RunContext, RunResult } from "./run.ts";

const CLIENTS = { ci: 20, long: 200, planted: 2 };

/** workerd puts a room to sleep that has been idle for 10 s. */
const ASLEEP_AFTER_MS = 14_000;

/** Its first, and the wake by the question how many there were. */
const EXPECTED_STARTS = 2;

/**
 * Clients are refused, since another one's key holds their id, and never answer the close. The room
 * sleeps all the same: else anybody could keep it in memory, and billed, without a credential.
 */
export async function refused({ scale, library }: RunContext): Promise<RunResult> {
  const workerd = await Workerd.start(library);
  const url = `${workerd.roomUrl("hibernating", "refused")}?_pk=held`;
  const withKey = (key: string) =>
    handshake(url, { "Sec-WebSocket-Protocol": `partyflare.1, partyflare.key.${key}` });
  try {
    const holder = await withKey("mine");
    check(holder.status === 101, `the first was answered with ${holder.status}`);
    const others = await Promise.all(
      Array.from({ length: CLIENTS[scale] }, (_, index) => withKey(`other${index}`)),
    );
    for (const { status } of others) check(status === 101, `a refusal came as ${status}`);
    await sleep(ASLEEP_AFTER_MS);
    const { starts, connections } = await workerd.report("hibernating", "refused");
    check(starts === EXPECTED_STARTS, `refused clients kept the room awake: ${starts} start`);
    check(connections.length === 1, `${connections.length} are connected, not the first alone`);
    for (const { socket } of [holder, ...others]) socket?.destroy();
    return { counts: { "clients refused": others.length, starts } };
  } finally {
    await workerd.stop();
  }
}
