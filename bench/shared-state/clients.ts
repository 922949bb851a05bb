import { type BoardTask, measureBoards } from "../client/boards.ts";
import { type MeasureClients, openPage } from "../client/chromium.ts";
import type { QuestionContext, Table } from "../question.ts";

const ENTRIES = 10_000;
const SELECTORS = 100;

/** How many entries a message changes: a vote, or what a client has missed. */
const CHANGES = [1, 10];

const MESSAGES = { full: 50, quick: 10 };

const NOTE = `${SELECTORS} components select an entry each after every message, and compare it.`;

/** A client applies a change of a large value, and its components select their parts. */
export async function clientTables(context: QuestionContext): Promise<Table[]> {
  const tables = await tablesOf("Node", measureBoards, context, NOTE);
  const page = await openPage("boards.ts", measureBoards);
  if (page === undefined) return tables;
  try {
    const note = `${NOTE} Chromium ${page.version}, in an empty page.`;
    return [...tables, ...(await tablesOf("Chromium", page.measure, context, note))];
  } finally {
    await page.close();
  }
}

async function tablesOf(
  platform: string,
  measure: MeasureClients<BoardTask>,
  { scale, rounds, progress }: QuestionContext,
  note: string,
): Promise<Table[]> {
  const tables: Table[] = [];
  for (const changes of CHANGES) {
    const changed = `${changes} of ${ENTRIES.toLocaleString("en")} entries changed`;
    const name = `client in ${platform}, ${changed}`;
    progress(name);
    const messages = MESSAGES[scale];
    const values = await measure({
      entries: ENTRIES,
      changes,
      selectors: SELECTORS,
      messages,
      rounds,
    });
    const rows = Object.entries(values).map(([contender, values]) => ({ contender, values }));
    tables.push({ name, unit: "µs a message", rows, note });
  }
  return tables;
}
