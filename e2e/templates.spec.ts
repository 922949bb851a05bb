import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, expect, type Page, test } from "@playwright/test";
import { violationsOf } from "./support/axe";
import { NewProject } from "./support/new-project";
import { installPacked } from "./support/packed-packages";

/** What two people do in a template's room, each in a browser of their own. */
type Drive = (ada: Page, bob: Page) => Promise<void>;

const DRIVES: Readonly<Record<string, Drive>> = { chat, cursors, poll, game };

/** The variants that are built and driven. `PARTYFLARE_SCALE=1` does so with all of them. */
const DRIVEN = ["chat-react", "game-vanilla"];
const isFull = Number(process.env.PARTYFLARE_SCALE) >= 1;

// One after the other, in one process: they share the packed packages.
test.describe.configure({ mode: "default" });

let parent: string;

test.beforeAll(async () => {
  parent = mkdtempSync(join(tmpdir(), "partyflare-starter-"));
  await installPacked(join(parent, "node_modules"));
});

test.afterAll(() => rmSync(parent, { recursive: true, force: true, maxRetries: 5 }));

for (const [template, drive] of Object.entries(DRIVES)) {
  for (const framework of ["react", "vanilla"]) {
    const variant = `${template}-${framework}`;
    const isDriven = isFull || DRIVEN.includes(variant);

    test(`a new project of ${variant} ${isDriven ? "works" : "has no error in its types"}`, async ({
      browser,
    }) => {
      const options = [`--template=${template}`, `--${framework}`, "--no-git"];
      const project = await NewProject.create(parent, variant, ...options);

      await test.step("its types are right", () => project.script("check"));
      if (!isDriven) return;
      await test.step("its own tests pass", () => project.script("test"));
      await test.step("it may be deployed", async () => {
        expect(await project.script("deploy", "--dry-run")).toContain("--dry-run: exiting now");
      });
      await project.serve((origin) => visit(browser, origin, drive));
    });
  }
}

/** Lets two people use a page, and fails if the page complains or is not accessible. */
async function visit(browser: Browser, origin: string, drive: Drive): Promise<void> {
  const complaints: string[] = [];
  const open = async (colorScheme: "dark" | "light") => {
    const context = await browser.newContext({ colorScheme, reducedMotion: "reduce" });
    const page = await context.newPage();
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(String(error)));
    await page.goto(origin);
    await expect(page.getByRole("status")).not.toHaveText("Connecting …");
    return page;
  };
  await checkConnecting(browser, origin);
  const ada = await open("light");
  const bob = await open("dark");
  await drive(ada, bob);
  for (const page of [ada, bob]) {
    expect(await violationsOf(page)).toEqual([]);
    await page.setViewportSize({ width: 390, height: 844 });
    const overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
    expect(await page.evaluate(overflow), "how far a phone scrolls sideways").toBe(0);
    await page.context().close();
  }
  expect(complaints).toEqual([]);
}

/** Fails if the page is not accessible while its room has not answered. */
async function checkConnecting(browser: Browser, origin: string): Promise<void> {
  const context = await browser.newContext();
  const page = await context.newPage();
  // The network takes what the page sends, and brings nothing.
  await page.routeWebSocket(/\/parties\//, () => {});
  await page.goto(origin);
  await expect(page.getByRole("main").getByRole("status")).toContainText("Connecting …");
  expect(await violationsOf(page)).toEqual([]);
  await context.close();
}

async function chat(ada: Page, bob: Page): Promise<void> {
  await expect(ada.getByText("Here: Guest, Guest")).toBeVisible();
  await ada.getByLabel("Your name").fill("Ada");
  await ada.getByRole("button", { name: "Rename" }).click();
  await expect(bob.getByText(/^Here:.*Ada/)).toBeVisible();
  await ada.getByRole("textbox", { name: "Message" }).fill("Hello");
  await ada.getByRole("button", { name: "Send" }).click();
  await expect(bob.getByRole("listitem")).toHaveText(["Ada Hello"]);

  await bob.reload();
  await expect(bob.getByRole("listitem")).toHaveText(["Ada Hello"]);
  await ada.reload();
  await expect(ada.getByText(/^Here:.*Ada/)).toBeVisible();
}

async function cursors(ada: Page, bob: Page): Promise<void> {
  await expect(ada.getByRole("status")).toHaveText("Connected, 2 here");
  const name = /You are (Guest \S+)\./.exec(await ada.getByText("You are").innerText())?.[1] ?? "";
  await ada.getByLabel("Board").hover();
  await expect(bob.getByText(name, { exact: true })).toBeInViewport();
  await ada.mouse.move(0, 0);
  await expect(bob.getByText(name, { exact: true })).toHaveCount(0);
}

async function poll(ada: Page, bob: Page): Promise<void> {
  await expect(ada.getByRole("status")).toHaveText("Connected, 2 here");
  await ada.getByRole("button", { name: "Soup" }).click();
  await bob.getByRole("button", { name: "Soup" }).click();
  await expect(ada.getByRole("button", { name: "Soup 2" })).toHaveAttribute("aria-pressed", "true");
  await bob.getByRole("button", { name: "Cake" }).click();
  await expect(ada.getByRole("button", { name: "Soup 1" })).toBeVisible();
  // The first one in the room is the host.
  await expect(bob.getByRole("button", { name: "Close the poll" })).toHaveCount(0);
  await ada.getByRole("button", { name: "Close the poll" }).click();
  await expect(bob.getByRole("status")).toHaveText("Connected, 2 here. The poll is closed.");
  await expect(ada.getByRole("button", { name: "Soup" })).toBeDisabled();
}

async function game(ada: Page, bob: Page): Promise<void> {
  await ada.getByRole("button", { name: "Take a seat" }).click();
  await expect(bob.getByRole("status")).toHaveText("Waiting for two players.");
  await bob.getByRole("button", { name: "Take a seat" }).click();
  for (const [page, square] of [
    [ada, "Row 1, column 1"],
    [bob, "Row 2, column 1"],
    [ada, "Row 1, column 2"],
    [bob, "Row 2, column 2"],
    [ada, "Row 1, column 3"],
  ] as const) {
    await page.getByRole("button", { name: square }).click();
  }
  await expect(ada.getByRole("status")).toHaveText("You have won!");
  await expect(bob.getByRole("status")).toHaveText("X has won.");
  await bob.getByRole("button", { name: "Play again" }).click();
  await expect(ada.getByRole("button", { name: "Row 1, column 1: empty" })).toBeVisible();
}
