import { randomUUID } from "node:crypto";
import { expect, type Locator, type Page } from "@playwright/test";

/** Somebody at a browser of their own. What they do and see, they do and see on the page. */
export class Person {
  readonly page: Page;
  readonly log: Locator;
  readonly composer: Locator;
  readonly status: Locator;
  /** Who is here, beside the messages; on a phone only in the dialog. */
  readonly people: Locator;
  /** The part of the page that breaks its connection; on a phone closed at first. */
  readonly lab: Locator;
  /** What has become of the connection, newest first; in the lab. */
  readonly journal: Locator;

  constructor(page: Page) {
    this.page = page;
    this.log = page.getByRole("log", { name: "Messages" });
    this.composer = page.getByRole("textbox", { name: "Message" });
    this.status = page.getByRole("status");
    this.people = page.getByRole("region", { name: "Here now" }).getByRole("listitem");
    this.lab = page.getByRole("region", { name: "Break the connection" });
    this.journal = this.lab.getByRole("listitem");
  }

  /** Opens a room's page and waits until the room has told what was said in it. */
  async enter(room: string): Promise<void> {
    await this.page.goto(`/room/${encodeURIComponent(room)}`);
    await this.isConnected();
    await expect(this.log).toHaveAttribute("aria-busy", "false");
  }

  async isConnected(): Promise<void> {
    await expect(this.status).toHaveText("Connected");
  }

  async isReconnecting(): Promise<void> {
    await expect(this.status).toContainText("Reconnecting");
  }

  /** Presses a button of the lab. */
  async pressInLab(name: string | RegExp): Promise<void> {
    await this.lab.getByRole("button", { name }).click();
  }

  /** Writes a message and sends it, whatever the connection is like. */
  async say(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.composer.press("Enter");
  }

  /** Waits until the message stands in the log, once. */
  async sees(text: string): Promise<void> {
    await expect(this.message(text)).toBeVisible();
  }

  /** One message, by its whole text. */
  message(text: string): Locator {
    return this.log.getByText(text, { exact: true });
  }

  /** What one author said in a row, by the author's name and one of the messages. */
  group(author: string, text: string): Locator {
    return this.log
      .getByRole("article")
      .filter({ has: this.page.locator("header", { hasText: author }) })
      .filter({ has: this.page.getByText(text, { exact: true }) });
  }
}

/** The name of a room that no other test has. */
export function uniqueRoom(topic: string): string {
  return `${topic}-${randomUUID()}`;
}
