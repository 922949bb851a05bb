import {
  type Board,
  type BoardReport,
  type BoardVariant,
  viewOf,
} from "../worker/shared-report.ts";
import { same, told } from "./same.ts";
import type { BoardTabRecord } from "./shared-messages.ts";

/** The most of a value that a mistake shows, in characters. */
const MAX_TOLD = 300;

/**
 * What a room with shared state and its tabs know at rest, compared with each other.
 *
 * @param records of all tabs that the room ever had.
 * @returns a sentence for each thing that is not as it should be (yet).
 */
export function boardMistakesOf(
  variant: BoardVariant,
  report: BoardReport,
  records: readonly BoardTabRecord[],
): string[] {
  return [
    ...records.flatMap(({ name, owed }) =>
      owed
        .filter((id) => report.value.kept[id] !== 1)
        .map((id) => `${name} was told that ${id} is done, and the room has lost it`),
    ),
    ...records.flatMap((record) => mistakesInTab(variant, report, record)),
  ];
}

/** What no rest can mend. */
export function lastingBoardMistakesOf(
  report: BoardReport,
  records: readonly BoardTabRecord[],
): string[] {
  const twice = Object.entries(report.value.kept).filter(([, times]) => times !== 1);
  return [
    ...records.flatMap(({ name, mistakes }) => mistakes.map((each) => `${name} ${each}`)),
    ...report.mistakes.map((each) => `the room ${each}`),
    ...twice.map(([id, times]) => `${id} was carried out ${times} times`),
  ];
}

function mistakesInTab(
  variant: BoardVariant,
  report: BoardReport,
  { name, who, page }: BoardTabRecord,
): string[] {
  if (!page) return [];
  if (page.state !== "open") return [`${name} is ${page.state} (${page.error})`];
  if (page.unanswered > 0) return [`${name} has ${page.unanswered} calls without an answer`];
  const connection = report.connections.find(({ id }) => id === page.id);
  if (!connection) return [`the room has no connection of ${name}`];
  const isKnown =
    connection.user === who.user && same(connection.tags.toSorted(), who.tags.toSorted());
  if (!isKnown) return [`the room does not know yet who ${name} is`];
  if (page.status !== "live" || !page.value) return [`the value of ${name} is ${page.status}`];
  const expected = viewOf(variant, report.value, connection);
  const { version = -1, trail } = page;
  const versions = `at version ${version} (the room is at ${report.version})`;
  if (!same(page.value, expected)) {
    const difference = differenceOf(page.value, expected);
    return [`${name} ${difference}, ${versions}, after the messages: ${trail.join(" | ")}`];
  }
  // Changes that a client may not see do not reach it.
  const isNewest = variant.view ? version <= report.version : version === report.version;
  return isNewest ? [] : [`${name} has version ${version}, and the room ${report.version}`];
}

function differenceOf(shown: Board, expected: Board): string {
  const keys = [...new Set([...Object.keys(expected), ...Object.keys(shown)])] as (keyof Board)[];
  const parts = keys
    .filter((key) => !same(shown[key], expected[key]))
    .map((key) => `shows ${key} as ${short(shown[key])}, and the room has ${short(expected[key])}`);
  return parts.join("; ");
}

function short(value: unknown): string {
  const text = told(value);
  return text.length > MAX_TOLD ? `${text.slice(0, MAX_TOLD)}…` : text;
}
