import { describe, expect, it } from "vitest";
import { pathOf, REPOSITORY, resolveLink, urlOf } from "../../apps/docs/site/pages";
import { type SidebarPage, sidebar } from "../../apps/docs/site/sidebar";
import { allDocuments } from "./documents";

/** The records of decisions are listed by their own page alone. */
const UNLISTED = /^docs\/decisions\/\d/;

describe("the site's sidebar", () => {
  const listed = sidebar().flatMap(({ items }) => items.flatMap(withItems));

  it("lists each page of docs once", () => {
    const pages = allDocuments()
      .map(({ path }) => path)
      .filter((path) => path.startsWith("docs/") && path !== "docs/README.md")
      .filter((path) => !UNLISTED.test(path));
    expect(listed.map(({ source }) => source).toSorted()).toEqual(pages.toSorted());
  });

  it("has the order of docs/README.md, and begins with the guide", () => {
    expect(sidebar().map(({ text }) => text)).toEqual([
      "Guide",
      "Recipes",
      "Reference",
      "Facts",
      "Inside",
    ]);
    expect(listed[0]).toMatchObject({ text: "Getting started", link: "/getting-started" });
  });
});

describe("a link of a page", () => {
  it.each([
    ["docs/guide/calls.md", "../errors.md#codes", "/errors#codes"],
    ["docs/guide/calls.md", "#refusing", "#refusing"],
    ["docs/errors.md", "errors/invalid.md", "/errors/invalid"],
    ["README.md", "docs/recipes/README.md", "/recipes/"],
    ["docs/recipes/README.md", "../../README.md#start", "/#start"],
    ["docs/comparison.md", "../README.md#compared", `${REPOSITORY}/blob/main/README.md#compared`],
    ["docs/README.md", "../CONTRIBUTING.md", `${REPOSITORY}/blob/main/CONTRIBUTING.md`],
    ["docs/tour.md", "../packages/server/src", `${REPOSITORY}/tree/main/packages/server/src`],
    ["docs/tour.md", "https://example.com/a.md", "https://example.com/a.md"],
  ])("of %s to %s leads to %s on the site", (source, link, target) => {
    expect(resolveLink(source, link)).toBe(target);
  });

  it("leads to a page for each error code, which is its path in the repository", () => {
    expect(urlOf(pathOf("docs/errors/room_full.md") ?? "")).toBe("/errors/room_full");
  });
});

function withItems(page: SidebarPage): SidebarPage[] {
  return [page, ...(page.items ?? []).flatMap(withItems)];
}
