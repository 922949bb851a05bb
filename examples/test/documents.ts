import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

/** The repository's folder. */
export const ROOT = join(import.meta.dirname, "../..");

/** A page of documentation. */
export interface Document {
  /** Its path from the repository's folder, with slashes: `docs/errors.md`. */
  readonly path: string;
  readonly text: string;
}

/** Reads one page. */
export function readDocument(path: string): Document {
  return { path, text: readFileSync(join(ROOT, path), "utf8") };
}

/** Every page that is written for readers: README and its kin, docs, the packages' pages. */
export function allDocuments(): Document[] {
  const pages = readdirSync(join(ROOT, "docs"), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".md"))
    .map((path) => join("docs", path));
  const packages = readdirSync(join(ROOT, "packages")).map((name) => `packages/${name}/README.md`);
  const root = ["README.md", "CONTRIBUTING.md", "SECURITY.md"];
  const paths = [...root, "examples/README.md", "bench/results/README.md", ...packages, ...pages];
  return paths.map((path) => readDocument(relative(ROOT, join(ROOT, path)).replaceAll("\\", "/")));
}

/** Folders of Markdown that is no page: other people's, generated, or a record of its time. */
const NO_PAGES = new Set(["node_modules", "dist", ".git", ".results", ".wrangler", "decisions"]);

/** Every Markdown file of the repository that people write and read. */
export function allMarkdown(folder = ROOT): Document[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return NO_PAGES.has(entry.name) ? [] : allMarkdown(path);
    const isPage = entry.name.endsWith(".md") && entry.name !== "CHANGELOG.md";
    return isPage ? [readDocument(relative(ROOT, path).replaceAll("\\", "/"))] : [];
  });
}

/** A fenced block of code. */
export interface CodeBlock {
  /** Where it stands, as editors open it: `docs/errors.md:12`. */
  readonly place: string;
  /** The word after the fence: `ts`. */
  readonly language: string;
  /** The file it says it is, in a comment on its first line: `// src/chat.ts`. */
  readonly fileName: string | undefined;
  readonly code: string;
}

/** The fenced blocks of a page, in order; those inside lists too. */
export function codeBlocks({ path, text }: Document): CodeBlock[] {
  return [...text.matchAll(/^( *)```(\w+)[^\n]*\n([^]*?)^ *```$/gm)].map((match) => {
    const [, indent = "", language = "", indented = ""] = match;
    const line = text.slice(0, match.index).split("\n").length;
    const code = indented.replaceAll(new RegExp(`^${indent}`, "gm"), "");
    const [, fileName] = /^\/\/ ([\w./-]+\.\w+)\n/.exec(code) ?? [];
    return { place: `${path}:${line}`, language, fileName, code };
  });
}

/** The rows of the first table after a heading, each a list of its cells, the head left out. */
export function tableRows({ text }: Document, heading: string): string[][] {
  const section = text.split(/^#+ /m).find((part) => part.startsWith(`${heading}\n`));
  if (section === undefined) throw new Error(`There is no heading "${heading}".`);
  const table = /^\|.*\n\|.*\n((?:\|.*\n)+)/m.exec(section)?.[1] ?? "";
  return table
    .trimEnd()
    .split("\n")
    .map((row) =>
      row
        .slice(1, row.lastIndexOf("|"))
        .split("|")
        .map((cell) => cell.trim()),
    );
}
