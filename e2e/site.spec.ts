import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Locator, Page } from "@playwright/test";
import { COLORS, violationsOf } from "./support/axe";
import { expect, SITE_FOLDER, test, WRANGLER, WRANGLER_ENVIRONMENT } from "./support/site";
import { type SitePage, sitePages } from "./support/site-pages";

const PHONE = { width: 390, height: 844 };

/** A page of each kind: the front page, each live room, code, wide tables. */
const SAMPLES = [
  "/",
  "/guide/presence",
  "/guide/shared-state",
  "/guide/delivery",
  "/comparison",
  "/errors/invalid",
];

// One server for all, and so one process.
test.describe.configure({ mode: "default" });

test("every link and anchor of the site leads somewhere", async ({ site }) => {
  const pages = await sitePages(site);
  expect(pages.size).toBeGreaterThan(80);
  const wrong = [...pages].flatMap(([path, page]) =>
    page.links.filter((link) => !leadsSomewhere(pages, link)).map((link) => `${path}: ${link}`),
  );
  expect(wrong).toEqual([]);
  for (const file of ["/card.png", "/favicon.png", "/flame.svg", "/sitemap.xml"]) {
    expect((await fetch(site + file)).status, file).toBe(200);
  }
  expect((await fetch(`${site}/nowhere`)).status).toBe(404);
});

test("llms.txt lists the pages, and each is there as Markdown", async ({ site }) => {
  const list = await (await fetch(`${site}/llms.txt`)).text();
  expect(list).toMatch(/^# partyflare\n\n> /);
  const links = [...list.matchAll(/\]\((https:[^)]+)\)/g)].map(([, link = ""]) => new URL(link));
  const paths = links.map(({ pathname }) => pathname);
  expect(paths).toEqual(expect.arrayContaining(["/guide/calls.md", "/errors/room_full.md"]));
  for (const path of paths) {
    const response = await fetch(site + path);
    expect(response.headers.get("Content-Type"), path).toContain("text/markdown");
    const text = await response.text();
    expect(text, path).toMatch(/^# /);
    const prose = text.replaceAll(/^ *```[^]*?^ *```$/gm, "");
    const relative = [...prose.matchAll(/\]\((?!https?:|#)([^)]*)\)/g)].map(([link]) => link);
    expect(relative, `relative links of ${path}`).toEqual([]);
  }
});

test("wrangler takes the site for a deployment", async () => {
  const parameters = [
    WRANGLER,
    "deploy",
    "--dry-run",
    "--outdir",
    test.info().outputPath("worker"),
  ];
  const { stdout } = await promisify(execFile)(process.execPath, parameters, {
    cwd: SITE_FOLDER,
    env: { ...process.env, ...WRANGLER_ENVIRONMENT },
  });
  expect(stdout).toContain("--dry-run: exiting now.");
});

test("each page fits a phone, and its code needs no scrolling, without JavaScript too", async ({
  browser,
  site,
}) => {
  const context = await browser.newContext({ viewport: PHONE, javaScriptEnabled: false });
  const page = await context.newPage();
  // The records of decisions are of one kind, and many.
  const paths = [...(await sitePages(site)).keys()].filter(
    (path) => !/^\/decisions\/\d/.test(path),
  );
  for (const path of paths) {
    await page.goto(site + path);
    await expect(page.locator("h1").first(), path).toBeVisible();
    expect(await tooWide(page), path).toEqual([]);
  }
  await context.close();
});

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(`in a ${colorScheme} theme`, () => {
    test.use({ colorScheme, contextOptions: { reducedMotion: "reduce" } });

    const rules = colorScheme === "dark" ? COLORS : undefined;

    test("axe finds nothing, and a phone has no horizontal scroll", async ({ page }) => {
      for (const path of SAMPLES) {
        await page.setViewportSize({ width: 1280, height: 800 });
        await page.goto(path);
        await expect(page.locator("html")).toHaveClass(
          colorScheme === "dark" ? /\bdark\b/ : /^(?!.*\bdark\b)/,
        );
        const live = page.locator("live-room .pane");
        if (/^\/($|guide)/.test(path)) await expect(live.getByRole("status")).toHaveText(BOTH_OPEN);
        await expectNoViolations(page, path, rules);
        await page.setViewportSize(PHONE);
        expect(await tooWide(page), path).toEqual([]);
      }
      await expectNoViolations(page, "the last page, on a phone", rules);
    });

    test("the search finds a page without a network of others", async ({ page }) => {
      await page.goto("/");
      await page.getByRole("button", { name: "Search" }).click();
      await page.getByRole("searchbox").fill("unknown_outcome");
      const results = page.getByRole("option");
      await expect(results.first()).toContainText("unknown_outcome");
      await expectNoViolations(page, "the search", rules);
      await results.first().click();
      await expect(page).toHaveURL(/\/errors\/unknown_outcome/);
      // The sidebar shows where that is.
      const sidebar = page.getByRole("navigation", { name: "Sidebar Navigation" });
      const entry = sidebar.getByRole("link", { name: "unknown_outcome", exact: true });
      await expect(entry).toBeInViewport();
      await expect(page.getByRole("heading", { level: 1 })).toContainText("unknown_outcome");
    });
  });
}

const BOTH_OPEN = ["Connected", "Connected"];

test("a live room delivers what was said while one of its clients was cut off", async ({
  page,
}) => {
  await page.goto("/");
  const { ada, grace } = await panes(page);
  await say(ada, "Before");
  await expect(messages(grace)).toHaveText(["Ada Before"]);
  await ada.getByRole("switch", { name: "Ada’s network" }).click();
  await expect(ada.getByRole("status")).toHaveText("Offline");
  await say(ada, "From Ada");
  await say(grace, "From Grace");
  await expect(messages(grace)).toHaveText(["Ada Before", "Grace From Grace"]);
  await expect(messages(ada)).toHaveText(["Ada Before", "Ada From Ada"]);
  await expect(ada.locator("[data-pending]")).toHaveCount(1);
  await ada.getByRole("switch").click();
  const all = ["Ada Before", "Grace From Grace", "Ada From Ada"];
  await expect(messages(ada)).toHaveText(all);
  await expect(messages(grace)).toHaveText(all);
  await expect(ada.locator("[data-pending]")).toHaveCount(0);
});

test("the live room of presence shows pointers, and that a person leaves", async ({ page }) => {
  await page.goto("/guide/presence");
  const { ada, grace } = await panes(page);
  const people = grace.getByRole("list", { name: "The people that Grace sees" });
  await expect(people.getByRole("listitem")).toHaveText(["Ada", "Grace"]);
  await ada.getByRole("group").press("ArrowRight");
  const pointer = grace.locator(".cursor[data-name=Ada]");
  await expect(pointer).toHaveAttribute("style", /left: 55%; top: 50%/);
  await ada.getByRole("switch").click();
  await expect(people.getByRole("listitem")).toHaveText(["Grace"]);
  await expect(pointer).toHaveCount(0);
  await ada.getByRole("switch").click();
  await expect(people.getByRole("listitem")).toHaveCount(2);
  await expect(pointer).toHaveCount(1);
});

test("the live room of shared state merges what both have ticked", async ({ page }) => {
  await page.goto("/guide/shared-state");
  const { ada, grace } = await panes(page);
  await expect(grace.getByRole("checkbox", { checked: true })).toHaveCount(1);
  await ada.getByRole("switch").click();
  await ada.getByRole("checkbox", { name: /lamp/ }).check();
  await grace.getByRole("checkbox", { name: /map/ }).check();
  await expect(ada.getByRole("checkbox", { name: /map/ })).not.toBeChecked();
  await expect(ada.getByText("2 of 4 packed")).toContainText("stale");
  await ada.getByRole("switch").click();
  for (const pane of [ada, grace]) {
    await expect(pane.getByText("3 of 4 packed")).toContainText("live");
  }
});

async function panes(page: Page): Promise<{ ada: Locator; grace: Locator }> {
  const ada = page.getByRole("region", { name: "Ada" });
  const grace = page.getByRole("region", { name: "Grace" });
  for (const pane of [ada, grace]) await expect(pane.getByRole("status")).toHaveText("Connected");
  return { ada, grace };
}

async function say(pane: Locator, text: string): Promise<void> {
  await pane.getByRole("textbox").fill(text);
  await pane.getByRole("button", { name: "Send" }).click();
}

function messages(pane: Locator): Locator {
  return pane.getByRole("log").getByRole("listitem");
}

function leadsSomewhere(pages: ReadonlyMap<string, SitePage>, link: string): boolean {
  const { pathname, hash } = new URL(link, "http://site");
  const page = pages.get(pathname);
  return page !== undefined && (hash === "" || page.ids.has(decodeURIComponent(hash.slice(1))));
}

/** The elements that make a page wider than the window, and the code that scrolls. */
async function tooWide(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    const code = [...document.querySelectorAll("pre")].filter(
      (element) => element.scrollWidth > element.clientWidth,
    );
    return [
      ...(scrollWidth > clientWidth ? [`the page: ${scrollWidth} px`] : []),
      ...code.map(({ textContent }) => textContent.slice(0, 200)),
    ];
  });
}

async function expectNoViolations(page: Page, what: string, rules?: string[]): Promise<void> {
  expect.soft(await violationsOf(page, rules), what).toEqual([]);
}
