import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { LOOPBACK } from "@partyflare/harness/free-port";
import { eventually } from "@partyflare/harness/wait";
import { type PartyName, Workerd } from "../harness/workerd.ts";
import type { RunContext, RunResult } from "./run.ts";

const CLIENTS = { ci: 40, long: 400, planted: 4 };

/** How long the room takes over letting somebody in. */
const SLOW_MS = 200;

/** The room looks for such connections every 10 s, at those that are 10 s old. */
const WITHIN_MS = 40_000;

/**
 * Clients ask for a connection and are gone at a random moment of their handshake, with or without
 * a goodbye: before they were let in, while the answer was on its way, or just after. Nobody stays
 * listed, and whoever came has left, once.
 */
export async function vanish({ seed, scale, library }: RunContext): Promise<RunResult> {
  const workerd = await Workerd.start(library);
  const moments = fc.sample(fc.record({ afterMs: fc.nat(SLOW_MS * 2), isReset: fc.boolean() }), {
    numRuns: CLIENTS[scale],
    seed,
  });
  try {
    const parties: PartyName[] = ["hibernating", "in-memory"];
    const visits = await Promise.all(
      parties.map(async (party) => {
        await Promise.all(moments.map((moment) => come(workerd, party, moment)));
        return allLeft(workerd, party);
      }),
    );
    return {
      counts: { clients: moments.length * parties.length, connected: visits.flat().length },
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

async function allLeft(workerd: Workerd, party: PartyName): Promise<string[]> {
  return eventually(`everyone has left the ${party} room, once`, WITHIN_MS, async () => {
    const { connections, visits } = await workerd.report(party, "vanish");
    const isEmpty = connections.length === 0 && visits.every(({ closes }) => closes.length === 1);
    return isEmpty ? visits.map(({ visit }) => visit) : undefined;
  });
}
