// Makes the site's social card and its PNG favicon, apps/docs/public/*.png, from HTML in Chromium.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium } from "@playwright/test";
import { CHROMIUM_ARGUMENTS, findChromium } from "../e2e/support/chromium.mjs";
import { withPalette } from "../e2e/support/palette-png.ts";

const SITE = fileURLToPath(new URL("../apps/docs/", import.meta.url));
const FONTS = `${SITE}node_modules/@fontsource-variable/`;

/** A card is loaded wherever somebody posts a link. */
const MOST_BYTES = 60_000;

const flame = readFileSync(`${SITE}public/flame.svg`, "utf8");
const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const [, title, what, promise] = /^# (.+)\n\n(.+?\.) (.+)\n/.exec(readme) ?? [];

const browser = await chromium.launch({
  executablePath: findChromium(),
  args: CHROMIUM_ARGUMENTS,
});
try {
  await draw("card.png", { width: 1200, height: 630 }, card());
  await draw("favicon.png", { width: 48, height: 48 }, icon());
} finally {
  await browser.close();
}

async function draw(name, viewport, html) {
  const page = await browser.newPage({ viewport });
  await page.setContent(html);
  await page.evaluate(() => document.fonts.ready);
  const png = await withPalette(page, await page.screenshot({ omitBackground: true }));
  if (png.length > MOST_BYTES) throw new Error(`${name} has ${png.length} bytes.`);
  writeFileSync(`${SITE}public/${name}`, png);
  process.stdout.write(`apps/docs/public/${name}: ${png.length} bytes\n`);
}

function card() {
  return `
    <style>
      ${font("Bricolage", "bricolage-grotesque/files/bricolage-grotesque-latin-wght-normal.woff2")}
      ${font("Inter", "inter/files/inter-latin-wght-normal.woff2")}
      body { display: flex; flex-direction: column; justify-content: center; box-sizing: border-box;
        height: 630px; margin: 0; padding: 0 96px; background: #fffdfa; color: #221e1a;
        border-bottom: 24px solid #c2410c; font: 400 40px/1.35 Inter; }
      header { display: flex; align-items: center; gap: 28px; }
      svg { width: 112px; height: 112px; }
      h1 { margin: 0; font: 750 124px/1 Bricolage; letter-spacing: -0.035em; }
      p { margin: 44px 0 0; text-wrap: balance; }
      em { color: #b23a0a; font-style: normal; }
    </style>
    <header>${flame}<h1>${title}</h1></header>
    <p>${what}</p><p style="margin-top: 12px"><em>${promise}</em></p>`;
}

function icon() {
  return `<style>body { margin: 0; } svg { display: block; width: 48px; height: 48px; }</style>${flame}`;
}

function font(family, file) {
  const data = readFileSync(FONTS + file).toString("base64");
  return `@font-face { font-family: ${family}; font-weight: 100 900;
    src: url("data:font/woff2;base64,${data}"); }`;
}
