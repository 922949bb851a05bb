import { readdirSync } from "node:fs";
import { join, posix } from "node:path";
import { CONTENTS, pathOf, read, ROOT, titleOf, urlOf } from "./pages";

/** A page in the sidebar. */
export interface SidebarPage {
  readonly text: string;
  readonly link: string;
  /** The page's file, from the repository's folder. */
  readonly source: string;
  /** Pages below it, which are hidden until the reader opens them. */
  readonly items?: SidebarPage[];
  readonly collapsed?: boolean;
}

/** A group of pages in the sidebar. */
export interface SidebarGroup {
  readonly text: string;
  readonly items: SidebarPage[];
}

const RECIPES = "docs/recipes/README.md";
const ERRORS = "docs/errors.md";

/**
 * Returns the sidebar. Its order is that of docs/README.md: the numbered list is the guide, and each
 * paragraph that begins with a bold word is a group. So a new page needs one line there. The recipes
 * are those of their own index.
 */
export function sidebar(): SidebarGroup[] {
  const text = read(CONTENTS);
  const guide = /^1\. [^]*?(?=\n\n\S)/m.exec(text)?.[0] ?? "";
  const others = [...text.matchAll(/^\*\*(.+?)\*\*:[^]*?(?=\n\n|\n?$(?![^]))/gm)];
  return [
    { text: "Guide", items: pagesIn(guide, CONTENTS) },
    { text: "Recipes", items: recipes() },
    ...others.map(([paragraph, name = ""]) => ({
      text: name,
      items: pagesIn(paragraph, CONTENTS),
    })),
  ];
}

/** Returns the pages of the site that a text links to, in its order, each once. */
function pagesIn(text: string, source: string): SidebarPage[] {
  return linksIn(text, source).map((link) => pageOf(link.target));
}

/** Returns the links of a text to pages of the site, each page once, with the pages' files. */
function linksIn(text: string, source: string): { text: string; target: string }[] {
  const links = [...text.matchAll(/\[([^\]]+)\]\(([^)#\s]+)\)/g)].map(
    ([, text = "", link = ""]) => ({
      text: text.replaceAll("`", ""),
      target: posix.join(posix.dirname(source), link),
    }),
  );
  return links.filter(
    ({ target }, index) =>
      target.startsWith("docs/") &&
      pathOf(target) !== undefined &&
      links.findIndex((link) => link.target === target) === index,
  );
}

/** The recipes by their short names. Their page has links beyond its table, to other pages. */
function recipes(): SidebarPage[] {
  const links = linksIn(read(RECIPES), RECIPES);
  const own = links.filter(({ target }) => posix.dirname(target) === posix.dirname(RECIPES));
  return [pageOf(RECIPES, "All recipes"), ...own.map(({ target, text }) => pageOf(target, text))];
}

function pageOf(source: string, text = titleOf(read(source))): SidebarPage {
  const path = pathOf(source);
  if (path === undefined) throw new Error(`${source} is no page of the site.`);
  const page = { text, link: urlOf(path), source };
  return source === ERRORS ? { ...page, collapsed: true, items: errorPages() } : page;
}

/** One page for each error code, in the order of the table. */
function errorPages(): SidebarPage[] {
  const order = read(ERRORS);
  const placeOf = (source: string) => order.indexOf(`(errors/${posix.basename(source)})`);
  return readdirSync(join(ROOT, "docs/errors"))
    .map((name) => `docs/errors/${name}`)
    .toSorted((a, b) => placeOf(a) - placeOf(b))
    .map((source) => pageOf(source));
}
