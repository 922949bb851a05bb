/** A line of a table's cells. */
export type Cells = readonly string[];

/**
 * A Markdown table, padded as the formatter pads it. Columns whose cells are all numbers, or near to
 * it, are aligned to the right.
 */
export function markdownTable(header: Cells, lines: readonly Cells[]): string {
  const widths = header.map((_, column) =>
    Math.max(3, ...[header, ...lines].map((cells) => (cells[column] ?? "").length)),
  );
  const areNumbers = header.map((_, column) =>
    lines.every((cells) => /^[^a-z]*$/i.test(cells[column] ?? "")),
  );
  const line = (cells: Cells) => {
    const padded = widths.map((width, column) => {
      const cell = cells[column] ?? "";
      return areNumbers[column] ? cell.padStart(width) : cell.padEnd(width);
    });
    return `| ${padded.join(" | ")} |`;
  };
  const rule = widths.map((width, column) =>
    areNumbers[column] ? `${"-".repeat(width - 1)}:` : "-".repeat(width),
  );
  return [line(header), `| ${rule.join(" | ")} |`, ...lines.map(line)].join("\n");
}

/**
 * Replaces what stands between `<!-- results: name -->` and `<!-- /results -->`, wherever that is.
 *
 * @param contentOf is asked for the text, by the name.
 */
export function fillMarked(page: string, contentOf: (name: string) => string): string {
  return page.replaceAll(
    /(<!-- results: ([\w-]+) -->\n)[\s\S]*?(<!-- \/results -->)/g,
    (_, start: string, name: string, end: string) => `${start}\n${contentOf(name)}\n\n${end}`,
  );
}

/** Where the formatter breaks lines: `printWidth` of `.oxfmtrc.json`. */
const MAX_COLUMNS = 100;

/**
 * A paragraph with its lines broken as the formatter breaks them.
 *
 * @param indent of all lines but the first: two spaces for an item of a list.
 */
export function wrapped(paragraph: string, indent = ""): string {
  // Code is not broken.
  const words = paragraph.match(/(?:`[^`]*`|[^\s`])+/g) ?? [];
  const lines: string[] = [];
  for (const word of words) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= MAX_COLUMNS) {
      lines[lines.length - 1] = `${line} ${word}`;
    } else {
      lines.push(line === undefined ? word : indent + word);
    }
  }
  return lines.join("\n");
}
