import { existsSync, readFileSync, statSync } from "node:fs";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's folder. The site's pages are files in it. */
export const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

/** The repository's address, as the packages name it. */
export const REPOSITORY = repositoryOf("packages/server/package.json");

/** The branch that links to source files show. */
const BRANCH = "main";

/** The README, whose first half is the front page. */
export const FRONT_PAGE = "README.md";

/** The heading of the README at which its second half begins. */
const SECOND_HALF = "\n## Compared";

/** The page that lists the others, in the order in which to read them. */
export const CONTENTS = "docs/README.md";

/**
 * Returns the path of a page on the site, with its ending: `docs/guide/calls.md` becomes
 * `guide/calls.md`. Undefined for a file that is no page of the site.
 *
 * @param source the file's path from the repository's folder.
 */
export function pathOf(source: string): string | undefined {
  if (source === FRONT_PAGE) return "index.md";
  if (source === CONTENTS) return "docs.md";
  const [, path] = /^docs\/(.+\.md)$/.exec(source) ?? [];
  return path?.replace(/(^|\/)README\.md$/, "$1index.md");
}

/** Returns the Markdown of a page as readers of Markdown get it: of the README the first half. */
export function contentOf(source: string, text: string): string {
  if (source !== FRONT_PAGE) return text;
  const end = text.indexOf(SECOND_HALF);
  if (end === -1) throw new Error(`The README has no "${SECOND_HALF.trim()}".`);
  return text.slice(0, end);
}

/** Returns the URL of a page on the site: `/guide/calls`. */
export function urlOf(path: string): string {
  return `/${path.replace(/(^|\/)index\.md$/, "$1").replace(/\.md$/, "")}`;
}

/**
 * Returns a link of a page as the site has it. A link to another page is its URL, and a link to any
 * other file of the repository leads to the repository.
 *
 * @param source the page that has the link, from the repository's folder.
 * @param link the link as it is written: `../errors.md#codes`.
 * @param urlOfPage makes the URL from a page's path on the site.
 */
export function resolveLink(source: string, link: string, urlOfPage = urlOf): string {
  if (/^(?:\w+:|#|\/)/.test(link)) return link;
  const [file = "", anchor] = link.split("#");
  const target = posix.join(posix.dirname(source), file);
  const path = pathOf(target);
  if (path !== undefined && isOnSite(target, anchor))
    return urlOfPage(path) + (anchor === undefined ? "" : `#${anchor}`);
  const isFolder = existsSync(join(ROOT, target)) && statSync(join(ROOT, target)).isDirectory();
  return `${REPOSITORY}/${isFolder ? "tree" : "blob"}/${BRANCH}/${link.replace(file, target)}`;
}

/** Whether the site has the part of a page. It lacks the README's second half. */
function isOnSite(source: string, anchor: string | undefined): boolean {
  if (source !== FRONT_PAGE || anchor === undefined) return true;
  const headings = contentOf(source, read(source)).matchAll(/^#+ (.+)$/gm);
  return [...headings].some(([, heading = ""]) => anchorOf(heading) === anchor);
}

/** Returns the anchor of a heading as GitHub makes it, since the pages link to those. */
export function anchorOf(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(" ", "-");
}

/** Reads a file of the repository. */
export function read(source: string): string {
  return readFileSync(join(ROOT, source), "utf8");
}

/** Returns a page's title: its first heading, without marks of code. */
export function titleOf(text: string): string {
  const [, heading = ""] = /^# (.+)$/m.exec(text) ?? [];
  return heading.replaceAll("`", "");
}

/** Returns a page's first paragraph, as one line of plain text. */
export function summaryOf(text: string): string {
  const paragraph = /^# .+\n+((?!```|[#|-])[^]+?)(?:\n\n|\n?$)/.exec(text)?.[1] ?? "";
  return paragraph
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replaceAll(/[`*]/g, "")
    .replaceAll(/\s+/g, " ")
    .replace(/:$/, ".");
}

function repositoryOf(manifest: string): string {
  const { repository } = JSON.parse(read(manifest)) as { repository: { url: string } };
  return repository.url.replace(/^git\+|\.git$/g, "");
}
