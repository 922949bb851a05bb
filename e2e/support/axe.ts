import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";

/** The rule of colours, in which the themes of a page differ alone. */
export const COLORS = ["color-contrast"];

/**
 * What axe finds wrong with a page: each rule that is broken, and the HTML that breaks it.
 *
 * @param rules default: all.
 */
export async function violationsOf(page: Page, rules?: string[]): Promise<string[]> {
  const builder = axeFor(page);
  const { violations } = await (rules ? builder.withRules(rules) : builder).analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join()}`);
}

/** Axe, without the blank page that it opens for pages with frames. Ours have none. */
export function axeFor(page: Page): AxeBuilder {
  return new AxeBuilder({ page }).setLegacyMode();
}
