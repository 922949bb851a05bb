import { openPage } from "../client/chromium.ts";
import { type DecodeTask, measureDecoding } from "../client/decode.ts";
import type { Question, QuestionContext, Table } from "../question.ts";

/** How long a frame is, in bytes, with the word for it. */
const SIZES = [
  [100, "100 B"],
  [1_000, "1 kB"],
] as const;

/** How many frames a message holds, with the words for it. */
const BATCHES = [
  [1, "1 a message"],
  [20, "20 a message"],
] as const;

/** What a contender gets in its turn, in bytes: the same for short and long frames. */
const BYTES_A_TURN = { full: 10_000_000, quick: 1_000_000 };

/** How fast a client takes what its room sends, from the socket's event to the app's handler. */
export const clientDecode: Question = {
  name: "client-decode",
  title: "What does it cost a client to read an event and find its handler?",
  async ask(context) {
    const tables = await tablesOf("Node", measureDecoding, context);
    const page = await openPage("decode.ts", measureDecoding);
    if (page === undefined) {
      return tables.map((table) => ({ ...table, note: "No Chromium was found to measure in." }));
    }
    try {
      const inPage = await tablesOf("Chromium", (task) => page.measure(task), context);
      const note = `Chromium ${page.version}, in an empty page.`;
      return [...tables, ...inPage.map((table) => ({ ...table, note }))];
    } finally {
      await page.close();
    }
  },
};

async function tablesOf(
  platform: string,
  measure: typeof measureDecoding,
  { scale, rounds, progress }: QuestionContext,
): Promise<Table[]> {
  const tables: Table[] = [];
  for (const [frameBytes, size] of SIZES) {
    for (const [framesAMessage, batch] of BATCHES) {
      const name = `${platform}, ${size}, ${batch}`;
      progress(name);
      const events = BYTES_A_TURN[scale] / frameBytes;
      const task: DecodeTask = { frameBytes, framesAMessage, events, rounds };
      const values = await measure(task);
      const rows = Object.entries(values).map(([contender, values]) => ({ contender, values }));
      tables.push({ name, unit: "µs an event", rows });
    }
  }
  return tables;
}
