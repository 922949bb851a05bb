import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

/** The pages with deploy buttons. */
const PAGES = ["docs/guide/templates.md", "packages/create-partyflare/README.md"];

/** Cloudflare's form, with a folder of a public repository. */
const BUTTON =
  /https:\/\/deploy\.workers\.cloudflare\.com\/\?url=https:\/\/github\.com\/partyflare\/partyflare\/tree\/starters\/([\w-]+)/g;

describe("the projects behind the deploy buttons", () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "partyflare-starters-"));
    execFileSync(process.execPath, [join(ROOT, "scripts/starters.mjs"), folder]);
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("are whole, since Cloudflare makes a repository of the folder alone", () => {
    const names = readdirSync(folder).filter((name) => name !== "README.md");
    expect(names).toHaveLength(8);
    for (const name of names) {
      const read = (file: string) => readFileSync(join(folder, name, file), "utf8");
      const { scripts, dependencies } = JSON.parse(read("package.json"));
      expect(scripts).toMatchObject({ build: "vite build", deploy: expect.any(String) });
      expect(Object.values<string>(dependencies).filter((range) => !/^\^\d/.test(range))).toEqual(
        [],
      );
      expect(read("wrangler.jsonc")).toContain(`"name": "${name}"`);
      for (const file of [".gitignore", "index.html", "src/worker/index.ts", "README.md"]) {
        expect(existsSync(join(folder, name, file)), `${name}/${file}`).toBe(true);
      }
    }
  });

  it.each(PAGES)("are those that the buttons of %s name", (page) => {
    const buttons = readFileSync(join(ROOT, page), "utf8").matchAll(BUTTON);
    const named = Array.from(buttons, ([, name]) => name ?? "").toSorted();
    expect(named).toEqual(readdirSync(folder).filter((name) => name !== "README.md"));
  });
});

describe("the pages of the templates", () => {
  const folder = join(ROOT, "packages/create-partyflare/templates");
  const pages = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) =>
    /\.(?:html|tsx)$/.test(path),
  );

  it.each(pages)("keep their main landmark, and a heading in it, in each state: %s", (page) => {
    const text = readFileSync(join(folder, page), "utf8");
    // Another role would take the landmark's place.
    expect(text).not.toMatch(/<main[^>]*\srole=/);
    const mains = text.match(/<main.*?<\/main>/gs) ?? [];
    for (const main of mains) expect(main).toContain("<h1");
  });
});
