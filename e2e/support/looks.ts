import { expect, type TestInfo } from "@playwright/test";
import type { Person } from "./person";

/** The widths that the page is looked at in. */
export const VIEWPORTS = {
  phone: { width: 390, height: 844 },
  desktop: { width: 1280, height: 800 },
};

/** Nothing is wider than the window, nothing below its end, and there is a place to write. */
export async function expectToFit({ page, composer }: Person): Promise<void> {
  const overflow = await page.evaluate(() => {
    const { scrollWidth, clientWidth, scrollHeight, clientHeight } = document.documentElement;
    return { x: scrollWidth - clientWidth, y: scrollHeight - clientHeight };
  });
  expect(overflow).toEqual({ x: 0, y: 0 });
  await expect(composer).toBeInViewport({ ratio: 1 });
  const wide = await page
    .locator("[role=log], [role=log] *, .side-panel, .side-panel *")
    .evaluateAll((elements) =>
      elements
        // Inline text may be wider than its block, which then cuts it with an ellipsis.
        .filter((element) => getComputedStyle(element).display !== "inline")
        .filter((element) => {
          const { left, right } = element.getBoundingClientRect();
          return left < 0 || right > innerWidth;
        })
        .map(({ outerHTML }) => outerHTML),
    );
  expect(wide, "elements beyond the window's edges").toEqual([]);
}

/** Adds a picture of the page to the report, for people to look at. */
export async function attachScreenshot(
  { page }: Person,
  testInfo: TestInfo,
  name: string,
): Promise<void> {
  const path = testInfo.outputPath(`${name}.png`);
  await page.screenshot({ path });
  await testInfo.attach(name, { path, contentType: "image/png" });
}
