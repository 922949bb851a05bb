import { test as base, type Browser, type BrowserContextOptions, expect } from "@playwright/test";
import { Person } from "./person";

/** Who is invited, and what their browser is like. */
interface Invitation extends Omit<BrowserContextOptions, "storageState" | "baseURL"> {
  /** Where the demo is served. Default: the server that all tests share. */
  origin?: string;
}

/** Brings people into being, each with a browser context, and listens to their consoles. */
export class People {
  /** Every console error, uncaught exception and failed answer, in any page so far. */
  readonly complaints: string[] = [];

  /** Complaints that are part of what a test does. Default: none. */
  expected: RegExp | undefined;

  readonly #browser: Browser;
  readonly #origin: string;

  constructor(browser: Browser, origin: string) {
    this.#browser = browser;
    this.#origin = origin;
  }

  /** Somebody who has been here before, under this name, and is not in any room yet. */
  async invite(name: string, invitation: Invitation = {}): Promise<Person> {
    const { origin = this.#origin, ...options } = invitation;
    const context = await this.#browser.newContext({
      locale: "en-GB",
      viewport: { width: 1280, height: 800 },
      ...options,
      baseURL: origin,
    });
    // For each context with a `storageState`, Playwright opens another window and loads the page.
    await context.addInitScript((visitor) => {
      localStorage["partyflare:name"] ??= visitor;
    }, name);
    const page = await context.newPage();
    page.on("console", (message) => {
      if (message.type() === "error") this.#complain(message.text());
    });
    page.on("pageerror", (error) => this.#complain(String(error)));
    page.on("response", (response) => {
      if (response.status() >= 400) this.#complain(`${response.status()} ${response.url()}`);
    });
    return new Person(page);
  }

  /** Invites somebody, and takes them to a room. */
  async join(room: string, name: string, invitation: Invitation = {}): Promise<Person> {
    const person = await this.invite(name, invitation);
    await person.enter(room);
    return person;
  }

  #complain(complaint: string): void {
    if (!this.expected?.test(complaint)) this.complaints.push(complaint);
  }
}

/** Playwright's test, with people; it fails where one of their pages complains. */
export const test = base.extend<{ people: People }>({
  people: async ({ browser, baseURL }, use) => {
    const people = new People(browser, baseURL ?? "");
    await use(people);
    await Promise.all(browser.contexts().map((context) => context.close()));
    expect(people.complaints, "complaints in a page's console").toEqual([]);
  },
});

export { expect } from "@playwright/test";
