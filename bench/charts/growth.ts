import type { TopLevelSpec } from "vega-lite";
import { median } from "../statistics.ts";
import type { Table } from "../question.ts";
import { BACKGROUND, colourOf, LOOK } from "./look.ts";

/** `1,000 connections, 100 B`: the number, and what else the name says. */
const COUNTED = /^([\d,]+) connections?(?:, (.*))?$/;

/** Contenders of one colour are told apart by these: drawn and left out, in pixels, by turns. */
const DASHES = [
  [1, 0],
  [7, 3],
  [2, 3],
  [9, 3, 2, 3],
  [14, 4],
];

/** A logarithmic axis is labelled with these, times powers of ten. */
const LABELLED = [1, 2, 5];

interface Point {
  readonly panel: string;
  readonly connections: number;
  readonly contender: string;
  readonly median: number;
  readonly unit: string;
}

/**
 * How the cost grows with the number of connections, both on logarithmic scales: a panel for
 * whatever else tables differ by. Undefined where they do not differ by connections.
 */
export function growthOf(title: string, tables: readonly Table[]): TopLevelSpec | undefined {
  const points = tables.flatMap(pointsOf);
  if (new Set(points.map(({ connections }) => connections)).size < 2) return undefined;
  const contenders = [...new Set(points.map(({ contender }) => contender))];
  const panels = [...new Set(points.map(({ panel }) => panel))];
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    background: BACKGROUND,
    config: LOOK,
    title: { text: title, fontSize: 16, offset: 16, frame: "bounds" },
    columns: panels.length > 1 ? 2 : 1,
    spacing: 28,
    concat: panels.map((panel) =>
      panelOf(
        panel,
        points.filter((point) => point.panel === panel),
        contenders,
      ),
    ),
  };
}

function panelOf(title: string, points: Point[], contenders: string[]) {
  const counts = [...new Set(points.map(({ connections }) => connections))];
  const medians = points.map(({ median }) => median);
  const domain = [Math.min(...medians) * 0.8, Math.max(...medians) * 1.25];
  return {
    title,
    width: 360,
    height: 260,
    data: { values: points },
    mark: { type: "line", strokeWidth: 2, point: { filled: true, size: 40 } },
    encoding: {
      x: {
        field: "connections",
        type: "quantitative",
        title: "connections",
        scale: { type: "log", domain: [Math.min(...counts), Math.max(...counts)] },
        axis: { values: counts, format: ",d", grid: false },
      },
      y: {
        field: "median",
        type: "quantitative",
        title: points[0]?.unit ?? "",
        scale: { type: "log", domain, nice: false },
        axis: { values: labelsIn(domain), format: "~g" },
      },
      color: {
        field: "contender",
        type: "nominal",
        scale: { domain: contenders, range: contenders.map(colourOf) },
      },
      strokeDash: {
        field: "contender",
        type: "nominal",
        scale: { domain: contenders, range: dashesOf(contenders) },
      },
    },
  } satisfies TopLevelSpec;
}

function pointsOf({ name, unit, rows }: Table): Point[] {
  const [, count, panel = ""] = COUNTED.exec(name) ?? [];
  if (count === undefined) return [];
  const connections = Number(count.replaceAll(",", ""));
  return rows.map(({ contender, values }) => ({
    panel,
    connections,
    contender,
    median: median(values),
    unit,
  }));
}

function labelsIn([from = 0, to = 0]: number[]): number[] {
  const exponents = Array.from({ length: 19 }, (_, index) => index - 9);
  return exponents
    .flatMap((exponent) => LABELLED.map((digit) => Number(`${digit}e${exponent}`)))
    .filter((label) => label >= from && label <= to);
}

/** Each contender's dash among those of its colour. */
function dashesOf(contenders: readonly string[]): number[][] {
  const colours = contenders.map(colourOf);
  return colours.map((colour, index) => {
    const place = colours.slice(0, index).filter((other) => other === colour).length;
    return DASHES[place % DASHES.length] ?? [];
  });
}
