import { CONTENDERS, LIMIT, SOCKET_IO } from "../contenders.ts";
import type { Table } from "../question.ts";
import { median } from "../statistics.ts";
import { wrapped } from "./markdown.ts";

const { handWritten, rival, typed, ws, socketIo, socketIoRecovering } = CONTENDERS;

/** What the one chart shows: the limit, the other library, ours with its defaults, and Node. */
const SHOWN: readonly string[] = [
  handWritten.name,
  rival.name,
  typed.name,
  ws.name,
  socketIo.name,
  socketIoRecovering.name,
];

/** The questions that a choice hangs on, each with its table. */
export const PEER_QUESTIONS = [
  { question: "quiet-room", table: "one message to 100" },
  { question: "cursor-storm", table: "50 clients, 20 events a second each" },
] as const;

/** Tables of the few that matter; undefined where they have not been measured beside peers. */
export function peerTables(
  tablesOf: (question: string) => readonly Table[],
): readonly Table[] | undefined {
  const tables = PEER_QUESTIONS.flatMap(({ question, table }) => {
    const found = tablesOf(question).find(({ name }) => name === table);
    return found ? [shortened(found)] : [];
  });
  const areMeasured = tables.every((table) =>
    [typed.name, ws.name, SOCKET_IO].every((name) => Number.isFinite(medianOf(table, name))),
  );
  return areMeasured && tables.length === PEER_QUESTIONS.length ? tables : undefined;
}

/** What a room costs against a Node process, as Markdown: an item of a list for each table. */
export function peerText(tables: readonly Table[]): string {
  return tables.map((table) => wrapped(`- ${sentences(table)}`, "  ")).join("\n");
}

function sentences(table: Table): string {
  const ratio = (ours: string, theirs: string) =>
    (medianOf(table, ours) / medianOf(table, theirs)).toFixed(1);
  return (
    `**${table.name}**: a hand-written Durable Object spends ${ratio(LIMIT, ws.name)} times the ` +
    `CPU of \`ws\` on a delivery, and ${ratio(LIMIT, SOCKET_IO)} times that of Socket.IO. Our room ` +
    `with its defaults spends ${ratio(typed.name, ws.name)} and ` +
    `${ratio(typed.name, SOCKET_IO)} times as much as they do.`
  );
}

function shortened(table: Table): Table {
  return { ...table, rows: table.rows.filter(({ contender }) => SHOWN.includes(contender)) };
}

function medianOf({ rows }: Table, name: string): number {
  return median(rows.find(({ contender }) => contender === name)?.values ?? []);
}
