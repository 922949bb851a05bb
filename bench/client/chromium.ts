import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { chromium } from "playwright-core";
import { CHROMIUM_ARGUMENTS, findChromium } from "../../e2e/support/chromium.mjs";

/** Measures clients, in Node and in browsers alike. */
export type MeasureClients<Task> = (task: Task) => Promise<Record<string, number[]>>;

/** A page of a browser in which clients can be measured. */
export interface Page<Task> {
  /** The browser's, such as `156.0.8078.79`. */
  readonly version: string;
  readonly measure: MeasureClients<Task>;
  close(): Promise<void>;
}

/**
 * Opens an empty page with the clients in it; undefined where no Chromium starts. No network is used.
 *
 * @param file the module in this folder that exports the measuring function.
 * @param measure that function. Its name is used in the page.
 */
export async function openPage<Task>(
  file: string,
  measure: MeasureClients<Task>,
): Promise<Page<Task> | undefined> {
  const executablePath = findChromium();
  if (executablePath === undefined) return undefined;
  const content = await clientCode(file);
  const browser = await chromium.launch({ executablePath, args: [...CHROMIUM_ARGUMENTS] });
  try {
    const page = await browser.newPage();
    await page.addScriptTag({ content });
    return {
      version: browser.version(),
      measure: (task) => page.evaluate(`bench.${measure.name}(${JSON.stringify(task)})`),
      close: () => browser.close(),
    };
  } catch (error) {
    await browser.close();
    throw error;
  }
}

/** What a module exports, as the page's global `bench`. */
async function clientCode(file: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(file, import.meta.url))],
    bundle: true,
    minify: true,
    format: "iife",
    globalName: "bench",
    target: "es2022",
    define: { "process.env.NODE_ENV": '"production"' },
    write: false,
  });
  return outputFiles[0]?.text ?? "";
}
