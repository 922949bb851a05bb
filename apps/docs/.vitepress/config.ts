import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { errorPage } from "@partyflare/shared/internal";
import { defineConfig, type HeadConfig, type MarkdownRenderer } from "vitepress";
import { withLiveRoom } from "../site/front-page";
import { writeMarkdown } from "../site/markdown-files";
import {
  anchorOf,
  FRONT_PAGE,
  pathOf,
  read,
  REPOSITORY,
  resolveLink,
  ROOT,
  summaryOf,
  urlOf,
} from "../site/pages";
import { sidebar } from "../site/sidebar";

const FOLDER = fileURLToPath(new URL("..", import.meta.url));

/** The site's address, which errors in the console name. */
const { origin } = new URL(errorPage("invalid"));

const [, tagline = ""] = /^# .+\n\n(.+)$/m.exec(read(FRONT_PAGE)) ?? [];

// oxlint-disable-next-line import/no-default-export -- VitePress asks for it.
export default defineConfig({
  srcDir: ROOT,
  // Folders with Markdown that is no page of the site.
  srcExclude: [
    ...["apps", "bench", "e2e", "examples", "faults", "harness", "packages"].map(
      (name) => `${name}/**`,
    ),
    "CONTRIBUTING.md",
    "SECURITY.md",
  ],
  rewrites: (source) => pathOf(source) ?? source,
  outDir: `${FOLDER}dist`,
  cacheDir: `${FOLDER}node_modules/.vitepress`,
  cleanUrls: true,
  lang: "en-GB",
  title: "partyflare",
  description: tagline,
  head: head(),
  sitemap: { hostname: origin },
  themeConfig: {
    logo: "/flame.svg",
    nav: [
      { text: "Guide", link: "/getting-started", activeMatch: "^/(guide|getting-started|docs)" },
      { text: "Recipes", link: "/recipes/", activeMatch: "^/recipes/" },
      { text: "Errors", link: "/errors", activeMatch: "^/errors" },
    ],
    sidebar: sidebar(),
    outline: { level: [2, 3], label: "On this page" },
    socialLinks: [{ icon: "github", link: REPOSITORY, ariaLabel: "Source" }],
    editLink: { pattern: `${REPOSITORY}/edit/main/:path`, text: "Edit this page" },
    notFound: {
      title: "Page not found",
      quote: "There is no page at this address. Search for it, or begin with the guide.",
      linkText: "To the front page",
      linkLabel: "To the front page",
    },
    footer: { message: "Experimental, and free under the MIT licence." },
    search: {
      provider: "local",
      options: {
        miniSearch: {
          // The records of decisions are for contributors.
          searchOptions: {
            boostDocument: (id: string) => (id.startsWith("/decisions/") ? 0.2 : 1),
          },
        },
        _render: (text, env, md) => {
          const source = env.realPath ?? env.path;
          return md.render(withLiveRoom(relative(ROOT, source), text), env);
        },
      },
    },
  },
  markdown: {
    theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
    anchor: { slugify: anchorOf },
    config: (md) => {
      resolveLinks(md);
      wrapTables(md);
    },
  },
  vue: { template: { compilerOptions: { isCustomElement: (tag) => tag === "live-room" } } },
  vite: {
    publicDir: `${FOLDER}public`,
    plugins: [
      {
        name: "partyflare:pages",
        enforce: "pre",
        // The pages lie outside of this package, and compile to code that imports its Vue.
        resolveId(id, importer, options) {
          if (!/^vue(?:\/|$)/.test(id) || !importer?.endsWith(".md")) return undefined;
          return this.resolve(id, `${FOLDER}package.json`, { ...options, skipSelf: true });
        },
        transform: (text, id) =>
          id.endsWith(".md") ? withLiveRoom(relative(ROOT, id), text) : undefined,
      },
    ],
  },
  transformPageData(page) {
    if (page.filePath === FRONT_PAGE) {
      return {
        title: "partyflare",
        titleTemplate: tagline,
        frontmatter: { layout: "page", sidebar: false },
      };
    }
    return { description: summaryOf(read(page.filePath)) };
  },
  transformHead({ pageData: { relativePath, filePath, title, description } }) {
    const url = origin + urlOf(relativePath);
    return [
      ["link", { rel: "canonical", href: url }],
      ["link", { rel: "alternate", type: "text/markdown", href: `/${relativePath}` }],
      ["meta", { property: "og:url", content: url }],
      ["meta", { property: "og:title", content: title }],
      [
        "meta",
        { property: "og:description", content: filePath === FRONT_PAGE ? tagline : description },
      ],
    ];
  },
  buildEnd({ outDir, pages }) {
    writeMarkdown(outDir, origin, pages);
  },
});

function head(): HeadConfig[] {
  return [
    ["link", { rel: "icon", href: "/flame.svg", type: "image/svg+xml" }],
    ["link", { rel: "icon", href: "/favicon.png", type: "image/png", sizes: "48x48" }],
    ["meta", { name: "theme-color", content: "#faf8f5", media: "(prefers-color-scheme: light)" }],
    ["meta", { name: "theme-color", content: "#171513", media: "(prefers-color-scheme: dark)" }],
    ["meta", { property: "og:type", content: "website" }],
    ["meta", { property: "og:site_name", content: "partyflare" }],
    ["meta", { property: "og:image", content: `${origin}/card.png` }],
    ["meta", { property: "og:image:width", content: "1200" }],
    ["meta", { property: "og:image:height", content: "630" }],
    ["meta", { property: "og:image:alt", content: tagline }],
    ["meta", { name: "twitter:card", content: "summary_large_image" }],
    // Live rooms take up their space before they are there, but none in a browser without JavaScript.
    ["script", {}, "document.documentElement.classList.add('has-script')"],
  ];
}

/** Links between files become links between pages. VitePress then checks that each page exists. */
function resolveLinks(md: MarkdownRenderer): void {
  md.core.ruler.push("resolve-links", ({ env, tokens }) => {
    const source = relative(ROOT, env.realPath ?? env.path);
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      const link = token.type === "link_open" ? token.attrGet("href") : null;
      if (link !== null) token.attrSet("href", resolveLink(source, link));
    }
  });
}

/**
 * A wide table scrolls in a box of its own, by keyboard too. A head's empty cell heads nothing.
 */
function wrapTables(md: MarkdownRenderer): void {
  md.renderer.rules.table_open = () =>
    '<div class="table" role="group" aria-label="Table" tabindex="0"><table>\n';
  md.renderer.rules.table_close = () => "</table></div>\n";
  md.core.ruler.push("empty-heads", ({ tokens }) => {
    for (const [index, open] of tokens.entries()) {
      const [content, close] = tokens.slice(index + 1, index + 3);
      if (open.type !== "th_open" || content?.content !== "" || !close) continue;
      open.tag = "td";
      close.tag = "td";
    }
  });
}
