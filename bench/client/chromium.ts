import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { chromium } from "playwright-core";
import { CHROMIUM_ARGUMENTS, findChromium } from "../../e2e/support/chromium.mjs";
import type { DecodeTask, measureDecoding } from "./decode.ts";

/** A page of a browser in which clients can be measured. */
export interface Page {
  /** The browser's, such as `156.0.8078.79`. */
  readonly version: string;
  measure(task: DecodeTask): ReturnType<typeof measureDecoding>;
  close(): Promise<void>;
}

/** Opens an empty page with the clients in it; undefined where no Chromium starts. No network is used. */
export async function openPage(): Promise<Page | undefined> {
  const executablePath = findChromium();
  if (executablePath === undefined) return undefined;
  const content = await clientCode();
  const browser = await chromium.launch({ executablePath, args: [...CHROMIUM_ARGUMENTS] });
  try {
    const page = await browser.newPage();
    await page.addScriptTag({ content });
    return {
      version: browser.version(),
      measure: (task) => page.evaluate(`bench.measureDecoding(${JSON.stringify(task)})`),
      close: () => browser.close(),
    };
  } catch (error) {
    await browser.close();
    throw error;
  }
}

/** What `decode.ts` exports, as the page's global `bench`. */
async function clientCode(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("decode.ts", import.meta.url))],
    bundle: true,
    minify: true,
    format: "iife",
    globalName: "bench",
    target: "es2022",
    write: false,
  });
  return outputFiles[0]?.text ?? "";
}
