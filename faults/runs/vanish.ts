import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { LOOPBACK } from "@partyflare/harness/free-port";
import { eventually } from "@partyflare/harness/wait";
import { check, sumOf } from "../harness/check.ts";
import { type PartyName, Workerd } from "../harness/workerd.ts";
import type { RunContext, RunResult } from "./run.ts";

const CLIENTS = { ci: 40, long: 400, planted: 4 };

/** How long the room takes over letting somebody in. */
const SLOW_MS = 200;

/** The room looks for such connections every 10 s, at those that are 10 s old. */
const FOUND_WITHIN_MS = 25_000;

const WITHIN_MS = 40_000;

/** More than may wait for one reader. */
const MORE_THAN_WAITS_MEBIBYTES = 2;

/**
 * Workerd takes the response of some, finds the client gone, and tells nobody: up to 2 of 40 on a
 * busy machine. Without its own look at what was never taken, a room keeps more than a quarter.
 */
const MOST_UNREPORTED = 1 / 8;

/**
 * Clients ask for a connection and are gone at a random moment of their handshake, with or without
 * a goodbye: before they were let in, while the answer was on its way, or just after. Nobody stays
 * listed, and whoever came has left, once. Those that the platform loses leave when more has been
 * sent to them than may wait for a reader.
 */
export async function vanish({ seed, scale, library }: RunContext): Promise<RunResult> {
  const workerd = await Workerd.start(library);
  const moments = fc.sample(fc.record({ afterMs: fc.nat(SLOW_MS * 2), isReset: fc.boolean() }), {
    numRuns: CLIENTS[scale],
    seed,
  });
  try {
    const parties: PartyName[] = ["hibernating", "in-memory"];
    const rooms = await Promise.all(
      parties.map(async (party) => {
        await Promise.all(moments.map((moment) => come(workerd, party, moment)));
        return allLeft(workerd, party);
      }),
    );
    for (const { unreported } of rooms) {
      const isFew = unreported <= moments.length * MOST_UNREPORTED;
      check(isFew, `${unreported} of ${moments.length} were not found`);
    }
    return {
      counts: {
        clients: moments.length * parties.length,
        connected: sumOf(rooms, (room) => room.visits),
        "never reported by the platform": sumOf(rooms, (room) => room.unreported),
      },
    };
  } finally {
    await workerd.stop();
  }
}

/** Asks for a WebSocket over bare TCP, and is gone without having read the answer. */
async function come(
  workerd: Workerd,
  party: PartyName,
  { afterMs, isReset }: { afterMs: number; isReset: boolean },
): Promise<void> {
  const { pathname, host } = new URL(workerd.roomUrl(party, "vanish"));
  const socket = connect(workerd.port, LOOPBACK);
  socket.on("error", () => {});
  await once(socket, "connect");
  const request = [
    `GET ${pathname}?slowMs=${SLOW_MS} HTTP/1.1`,
    `Host: ${host}`,
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`,
    "Sec-WebSocket-Version: 13",
  ];
  socket.write(`${request.join("\r\n")}\r\n\r\n`);
  await sleep(afterMs);
  if (isReset) socket.resetAndDestroy();
  else socket.destroy();
  await once(socket, "close");
}

async function allLeft(
  workerd: Workerd,
  party: PartyName,
): Promise<{ visits: number; unreported: number }> {
  const untilMs = Date.now() + FOUND_WITHIN_MS;
  const found = await eventually(`the ${party} room has looked`, WITHIN_MS, async () => {
    const report = await workerd.report(party, "vanish");
    return report.connections.length === 0 || Date.now() > untilMs ? report : undefined;
  });
  const unreported = found.connections.length;
  if (!found.hasBufferedAmount) return { visits: found.visits.length, unreported };
  if (unreported > 0) await workerd.pour(party, "vanish", MORE_THAN_WAITS_MEBIBYTES);
  const visits = await eventually(
    `everyone has left the ${party} room, once`,
    WITHIN_MS,
    async () => {
      const report = await workerd.report(party, "vanish");
      const hasLeft = report.visits.every(({ closes }) => closes.length === 1);
      return report.connections.length === 0 && hasLeft ? report.visits.length : undefined;
    },
  );
  return { visits, unreported };
}
