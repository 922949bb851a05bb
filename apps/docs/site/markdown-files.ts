import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { contentOf, FRONT_PAGE, pathOf, read, resolveLink, summaryOf, titleOf } from "./pages";
import { type SidebarPage, sidebar } from "./sidebar";

/**
 * Writes each page as Markdown beside its HTML, and `llms.txt`, which lists them.
 *
 * @param folder the built site.
 * @param origin the site's address, such as `https://example.com`.
 * @param sources the pages' files, from the repository's folder.
 */
export function writeMarkdown(folder: string, origin: string, sources: readonly string[]): void {
  for (const source of sources) {
    const path = pathOf(source);
    if (path === undefined) continue;
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, withLinks(source, contentOf(source, read(source)), origin));
  }
  writeFileSync(join(folder, "llms.txt"), contents(origin));
}

/** See https://llmstxt.org: a heading, a summary, and lists of links to Markdown. */
function contents(origin: string): string {
  const readme = read(FRONT_PAGE);
  const groups = sidebar().map(
    ({ text, items }) =>
      `## ${text}\n\n${items.flatMap((page) => linesOf(page, origin)).join("\n")}`,
  );
  return [`# ${titleOf(readme)}`, `> ${summaryOf(readme)}`, ...groups].join("\n\n").concat("\n");
}

function linesOf({ source, items = [] }: SidebarPage, origin: string): string[] {
  const text = read(source);
  const url = `${origin}/${pathOf(source) ?? ""}`;
  const summary = summaryOf(text);
  const line = `- [${titleOf(text)}](${url})${summary === "" ? "" : `: ${summary}`}`;
  return [line, ...items.flatMap((page) => linesOf(page, origin))];
}

/** Links between pages lead to Markdown, and pictures to the repository. Code stays as it is. */
function withLinks(source: string, text: string, origin: string): string {
  const toMarkdown = (path: string) => `${origin}/${path}`;
  return text
    .split(/(^ *```[^]*?^ *```$)/m)
    .map((part, index) =>
      index % 2 === 1
        ? part
        : part.replaceAll(
            /\]\(([^)\s]+)\)/g,
            (_, link: string) => `](${resolveLink(source, link, toMarkdown)})`,
          ),
    )
    .join("");
}
