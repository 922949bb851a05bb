import type { RoomReport } from "../worker/report.ts";
import type { ClientRecord } from "./client-messages.ts";

/** Every kind of mistake is told of so many times at most. */
const MAX_TOLD = 5;

/**
 * What a room and its clients know, compared with each other and with what must hold.
 *
 * @param records of every client that ever spoke to the room.
 * @returns a sentence for each thing that is not as it should be.
 */
export function mistakesOf(report: RoomReport, records: readonly ClientRecord[]): string[] {
  return [
    mistakesInLog(report, records),
    mistakesInOrder(report, records),
    mistakesInVisits(report),
    mistakesInConnections(report, records),
    records.flatMap(({ name, gaps }) => gaps.map((gap) => `${name} ${gap}`)),
  ].flatMap((mistakes) => mistakes.slice(0, MAX_TOLD));
}

/** Stored state is intact: nothing that was confirmed is lost, and nothing was made up. */
function mistakesInLog({ log }: RoomReport, records: readonly ClientRecord[]): string[] {
  const bySeq = new Map(log.map((entry) => [entry.seq, entry]));
  const lost = records.flatMap(({ name, id, confirmed }) =>
    confirmed
      .filter(({ number, seq }) => bySeq.get(seq)?.number !== number || bySeq.get(seq)?.by !== id)
      .map(({ number }) => `${name}'s entry ${number} was confirmed and is not in the log`),
  );
  const holes = log
    .filter(({ seq }, index) => seq !== index + 1)
    .map(({ seq }, index) => `entry ${seq} of the log stands at place ${index + 1}`);
  return [...lost, ...holes];
}

/** What a client sends arrives in its order, and once. */
function mistakesInOrder({ log }: RoomReport, records: readonly ClientRecord[]): string[] {
  const sent = new Map(records.map((record) => [record.id, record.sent]));
  const last = new Map<string, number>();
  return log.flatMap(({ by, number }) => {
    const before = last.get(by) ?? 0;
    last.set(by, number);
    if (number > (sent.get(by) ?? 0)) return [`entry ${number} by ${by} was never sent`];
    return number > before ? [] : [`entry ${number} by ${by} came after its entry ${before}`];
  });
}

/** Each `onConnect` has one `onClose`, unless it is still open, or died with its process. */
function mistakesInVisits({ epoch, visits, connections }: RoomReport): string[] {
  const open = new Set(connections.map(({ visit }) => visit));
  return visits.flatMap(({ visit, id, epoch: came, closes }) => {
    const which = `a connection of ${id}`;
    if (closes.length > 1) return [`${which} was closed ${closes.length} times: ${String(closes)}`];
    if (closes.length === 1) return open.has(visit) ? [`${which} is closed, and still listed`] : [];
    if (came < epoch) return open.has(visit) ? [`${which} outlived its process`] : [];
    return open.has(visit) ? [] : [`${which} has gone without an onClose`];
  });
}

/** Who is listed is there, and who is there is listed, once. */
function mistakesInConnections(
  { connections, visits }: RoomReport,
  records: readonly ClientRecord[],
): string[] {
  const known = new Set(visits.map(({ visit }) => visit));
  const listed = connections.map(({ id }) => id);
  const open = records.filter(({ status }) => status.state === "open").map(({ id }) => id);
  return [
    ...connections
      .filter(({ visit }) => !known.has(visit))
      .map(({ id }) => `${id} is listed without an onConnect`),
    ...listed
      .filter((id, index) => listed.indexOf(id) !== index)
      .map((id) => `${id} is listed twice`),
    ...listed.filter((id) => !open.includes(id)).map((id) => `${id} is a ghost`),
    ...open.filter((id) => !listed.includes(id)).map((id) => `${id} is open and not listed`),
  ];
}
