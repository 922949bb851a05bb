import { expect, type Page, test } from "@playwright/test";

/** Fails each test of the file in which its page complains in the console, or throws. */
export function failOnComplaints(): void {
  const complaints = new WeakMap<Page, string[]>();

  test.beforeEach(({ page }) => {
    const heard: string[] = [];
    complaints.set(page, heard);
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) heard.push(message.text());
    });
    page.on("pageerror", (error) => heard.push(String(error)));
  });

  test.afterEach(({ page }) => {
    expect(complaints.get(page)).toEqual([]);
  });
}
