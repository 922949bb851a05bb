import type { Config } from "vega-lite";

const INK = "#24292f";
const FAINT_INK = "#57606a";
const LINES = "#e6e8eb";

/** The white ground is part of the picture: it is read on dark pages too. */
export const BACKGROUND = "white";

/** One strong colour for what is ours; quiet ones for what it is measured against. */
const COLOURS = { limit: "#6e7781", others: "#a9bccf", ours: "#e8590c" };

/** How all charts look. */
export const LOOK: Config = {
  font: "Helvetica, Arial, sans-serif",
  padding: 16,
  view: { stroke: null },
  title: {
    color: INK,
    fontSize: 13,
    anchor: "start",
    frame: "group",
    offset: 8,
    fontWeight: "bold",
  },
  axis: {
    labelColor: INK,
    titleColor: FAINT_INK,
    labelFontSize: 11,
    titleFontSize: 11,
    titleFontWeight: "normal",
    labelLimit: 0,
    labelFlush: false,
    gridColor: LINES,
    domainColor: LINES,
    tickColor: LINES,
  },
  legend: {
    labelColor: INK,
    labelFontSize: 11,
    labelLimit: 0,
    symbolType: "stroke",
    symbolSize: 900,
    symbolStrokeWidth: 2,
    rowPadding: 6,
    title: null,
  },
};

/** The colour of a contender, by what it is. */
export function colourOf(contender: string): string {
  if (/^(hand-written|JSON\.parse)/.test(contender)) return COLOURS.limit;
  if (/^(party(server|socket)|ws$|Socket\.IO|naive|whole value|immer)/.test(contender))
    return COLOURS.others;
  return COLOURS.ours;
}

/** As many digits as say something: 3 of what was measured, and every one before the point. */
export function shortNumber(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= 100) {
    return Math.round(value).toLocaleString("en");
  }
  return value.toPrecision(3);
}
