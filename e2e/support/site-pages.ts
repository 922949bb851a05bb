/** A page of the site, by its HTML. */
export interface SitePage {
  /** The links to pages of the site, with anchors. */
  readonly links: readonly string[];
  /** The ids of its elements, which anchors name. */
  readonly ids: ReadonlySet<string>;
}

/** Returns all pages that links of the front page lead to, by their paths. */
export async function sitePages(origin: string): Promise<Map<string, SitePage>> {
  const pages = new Map<string, SitePage>();
  const waiting = ["/"];
  while (waiting.length > 0) {
    const path = waiting.pop();
    if (path === undefined || pages.has(path)) continue;
    const response = await fetch(origin + path, { redirect: "manual" });
    // A page that links lead to without a detour.
    if (response.status !== 200) continue;
    const page = pageOf(await response.text(), path);
    pages.set(path, page);
    waiting.push(...page.links.map((link) => new URL(link, origin).pathname));
  }
  return pages;
}

function pageOf(html: string, path: string): SitePage {
  const links = [...html.matchAll(/<a\b[^>]*\bhref="([^"]*)"/g)]
    .map(([, link = ""]) => link.replaceAll("&amp;", "&"))
    .filter((link) => !/^\w+:/.test(link))
    .map((link) => (link.startsWith("#") ? path + link : link));
  const ids = [...html.matchAll(/\bid="([^"]*)"/g)].map(([, id = ""]) => id);
  return { links, ids: new Set(ids) };
}
