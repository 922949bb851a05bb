import type { TopLevelSpec } from "vega-lite";
import { median } from "../statistics.ts";
import type { Row, Table } from "../question.ts";
import { BACKGROUND, colourOf, LOOK, shortNumber } from "./look.ts";
import { middleHalf } from "./middle-half.ts";

/** A table with more rows is a profile: its largest are shown. */
const MOST_BARS = 20;

/** From this many tables on they stand side by side. */
const SIDE_BY_SIDE_FROM = 5;

interface Bar {
  readonly contender: string;
  readonly median: number;
  /** Where the middle half of the rounds lies. */
  readonly from: number;
  readonly to: number;
  readonly label: string;
  readonly colour: string;
}

/** A panel a table, a bar a contender: its median, with a line over the middle half of the rounds. */
export function barsOf(title: string, tables: readonly Table[]): TopLevelSpec {
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    background: BACKGROUND,
    config: LOOK,
    title: { text: title, fontSize: 16, offset: 16, frame: "bounds" },
    columns: tables.length >= SIDE_BY_SIDE_FROM ? 2 : 1,
    spacing: 28,
    resolve: { scale: { x: "independent", y: "independent" } },
    concat: tables.map(panelOf),
  };
}

function panelOf(table: Table) {
  const bars = table.rows.map(barOf).toSorted(orderOf(table));
  const shown = bars.slice(0, MOST_BARS);
  const longest = Math.max(...shown.map(({ median, to }) => Math.max(median, to)));
  const isCut = shown.length < bars.length;
  const y = { field: "contender", type: "nominal", sort: null, title: null } as const;
  // Room for the label at the longest bar's end.
  const scale = { domainMin: 0, domainMax: longest * 1.18, nice: false } as const;
  const x = { field: "median", type: "quantitative", scale, title: unitOf(table) } as const;
  return {
    title: isCut ? `${table.name} (the ${shown.length} largest of ${bars.length})` : table.name,
    width: 360,
    height: { step: shown.length > 10 ? 19 : 24 },
    data: { values: shown },
    encoding: { y: { ...y, axis: { ticks: false, domain: false, labelPadding: 6 } } },
    layer: [
      {
        mark: { type: "bar", height: { band: 0.68 } },
        encoding: {
          x: { ...x, axis: { tickCount: 5, ticks: false, domain: false } },
          color: { field: "colour", type: "nominal", scale: null },
        },
      },
      {
        transform: [{ filter: "datum.to > datum.from" }],
        mark: { type: "rule", strokeWidth: 1.5, color: "#24292f" },
        encoding: { x: { field: "from", type: "quantitative" }, x2: { field: "to" } },
      },
      {
        mark: { type: "text", align: "left", dx: 6, fontSize: 11, color: "#24292f" },
        encoding: {
          x: { field: "end", type: "quantitative" },
          text: { field: "label", type: "nominal" },
        },
        transform: [{ calculate: "max(datum.median, datum.to)", as: "end" }],
      },
    ],
  } satisfies TopLevelSpec;
}

/** The best first; of a profile, what takes the most. */
function orderOf({ isMoreBetter = false, rows }: Table): (a: Bar, b: Bar) => number {
  const isLargestFirst = isMoreBetter || rows.length > MOST_BARS;
  return (a, b) => (isLargestFirst ? b.median - a.median : a.median - b.median);
}

function unitOf({ unit, isMoreBetter = false }: Table): string {
  return isMoreBetter ? `${unit} (more is better)` : unit;
}

function barOf({ contender, values }: Row): Bar {
  const [from, to] = middleHalf(values);
  const middle = median(values);
  return {
    contender,
    median: middle,
    from,
    to,
    label: shortNumber(middle),
    colour: colourOf(contender),
  };
}
