import { TARGETS } from "../targets.ts";
import { judge, verdictText } from "../verdict.ts";
import { fillClaims } from "./claims.ts";
import { fillMarked, wrapped } from "./markdown.ts";
import { CLAIMS } from "./measured-claims.ts";
import { moneyTable } from "./money.ts";
import { PEER_QUESTIONS, peerTables, peerText } from "./peers.ts";
import { ratioTable } from "./ratios.ts";
import { resultTables } from "./result-tables.ts";
import { chartsOf, madeAt, measuredQuestions, resultOf, tablesOf } from "./results.ts";

/** The page for readers, and the page with everything that was measured. */
const SUMMARY = "docs/performance.md";
const DETAILS = "bench/results/README.md";

/** The chart of a few rooms beside what people run on Node. */
export const PEERS = { name: "peers", title: "What does a delivery cost, against a Node process?" };

/** The parts of the summary, by their names in its comments. */
const PARTS: Readonly<Record<string, () => string>> = {
  ratios: () => ratioTable(TARGETS, tablesOf),
  peers: peersPart,
  money: moneyPart,
  runs: runsPart,
};

/** Every page with results, from the repository's folder. */
export const PAGES = [...new Set([SUMMARY, DETAILS, ...CLAIMS.map(({ page }) => page)])];

/** The text of a page with the results of today in it. */
export function filledPage(page: string, text: string): string {
  const marked = fillMarked(text, page === SUMMARY ? summaryPart : questionPart);
  return fillClaims(
    marked,
    CLAIMS.filter((claim) => claim.page === page),
  );
}

function summaryPart(name: string): string {
  const part = PARTS[name];
  if (!part) throw new Error(`${SUMMARY} has no part "${name}".`);
  return part();
}

/** A question's charts and tables, and when and where they were made. */
function questionPart(question: string): string {
  const result = resultOf(question);
  if (!result) return notMeasured([question]);
  const charts = chartsOf(question).map((file) => {
    const by = file.endsWith("-growth.svg") ? " By connections." : "";
    return `![${result.title}${by}](${file})`;
  });
  return [...charts, resultTables(result.tables), wrapped(`Measured on ${madeAt(result)}.`)].join(
    "\n\n",
  );
}

/** The chart against Node, and its ratios in words. */
function peersPart(): string {
  const tables = peerTables(tablesOf);
  if (!tables) return notMeasured(PEER_QUESTIONS.map(({ question }) => question));
  return `![${PEERS.title}](../bench/results/${PEERS.name}.svg)\n\n${peerText(tables)}`;
}

function moneyPart(): string {
  const tables = tablesOf("cost");
  if (tables.length === 0) return notMeasured(["cost"]);
  const [prices = ""] = /Prices of \S+: \S+$/.exec(tables[0]?.note ?? "") ?? [];
  return [moneyTable(tables), wrapped(prices)].join("\n\n");
}

/** Each day and machine, with what was measured then and there. */
function runsPart(): string {
  const measured = measuredQuestions().flatMap((name) => {
    const result = resultOf(name);
    return result ? [{ name, run: madeAt(result) }] : [];
  });
  return [...Map.groupBy(measured, ({ run }) => run)]
    .toSorted(([a], [b]) => (a < b ? 1 : -1))
    .map(([run, results]) => {
      const questions = results.map(({ name }) => name).join(", ");
      return wrapped(`- ${run}. It measured ${questions}.`, "  ");
    })
    .join("\n");
}

function notMeasured(questions: readonly string[]): string {
  return `Not measured yet: \`pnpm bench ${questions.join(" ")}\`.`;
}

/** Tells which reasons "What falls short" lacks, and which it has in vain. */
export function warningsOfReasons(): string[] {
  const missed = measuredQuestions().flatMap((name) =>
    judge({ name }, "full", tablesOf(name)).filter(({ isReached }) => !isReached),
  );
  const explained = new Set(CLAIMS.flatMap(({ explains = [] }) => explains));
  const unexplained = missed
    .filter(({ target }) => !explained.has(target.question))
    .map((verdict) => `${SUMMARY} gives no reason: ${verdictText(verdict)}`);
  const needless = [...explained]
    .filter((question) => !missed.some(({ target }) => target.question === question))
    .map((question) => `${SUMMARY} explains a miss, but ${question} reaches its targets.`);
  return [...unexplained, ...needless];
}
