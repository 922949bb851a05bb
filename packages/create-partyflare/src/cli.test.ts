import { execFile } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { version } from "../package.json";

/** As it is published: `pnpm build` makes it. */
const PROGRAM = fileURLToPath(new URL("../dist/bin.js", import.meta.url));

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

let parent: string;

beforeAll(() => {
  parent = mkdtempSync(join(tmpdir(), "partyflare-create-"));
});

afterAll(() => rmSync(parent, { recursive: true, force: true }));

/** Runs the program without a terminal. */
function run(words: readonly string[], env: NodeJS.ProcessEnv = {}, node: string[] = []) {
  const options = { cwd: parent, env: { ...process.env, npm_config_user_agent: "", ...env } };
  return new Promise<Outcome>((resolve) => {
    execFile(process.execPath, [...node, PROGRAM, ...words], options, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}

/** A folder with an npm that does nothing but end with a code, in front of the real ones. */
function fakeNpm(code: number): NodeJS.ProcessEnv {
  const folder = join(parent, `npm-${code}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "npm"), `#!/bin/sh\necho "npm $@ in $PWD"\nexit ${code}\n`);
  chmodSync(join(folder, "npm"), 0o755);
  return { PATH: `${folder}${delimiter}${process.env.PATH}` };
}

describe("without a terminal", () => {
  it("takes defaults, installs, makes a repository, and prints the next two commands", async () => {
    const { code, stdout } = await run(["first"], fakeNpm(0));
    expect(code).toBe(0);
    expect(stdout).toContain('Created "first": the template chat, in React.');
    expect(stdout).toMatch(/npm install in .*first\n/);
    expect(stdout).toMatch(/\nNext:\n\n {2}cd first\n {2}npm run dev\n/);
    expect(existsSync(join(parent, "first/.git"))).toBe(true);
  });

  it("writes a plain project, with nothing left to fill in", async () => {
    await run(["plain", "--template=poll", "--vanilla", "--no-install", "--no-git"]);
    const names = readdirSync(join(parent, "plain"), { recursive: true, withFileTypes: true });
    const files = names.filter((entry) => entry.isFile());
    expect(files.map(({ name }) => name)).toEqual(
      expect.arrayContaining([".gitignore", "package.json", "tsconfig.json", "wrangler.jsonc"]),
    );
    for (const { parentPath, name } of files) {
      const text = readFileSync(join(parentPath, name), "utf8");
      expect(text, name).not.toMatch(/PROJECT_NAME|PARTY_CLASS|PARTY_NAME|RUN_SCRIPT|workspace:/);
    }
    const readme = readFileSync(join(parent, "plain/README.md"), "utf8");
    expect(readme.trimEnd().split("\n").length).toBeLessThanOrEqual(10);
    const manifest = JSON.parse(readFileSync(join(parent, "plain/package.json"), "utf8"));
    expect(manifest.name).toBe("plain");
    expect(manifest.dependencies.partyflare).toBe(`^${version}`);
    expect(manifest.dependencies).not.toHaveProperty("react");
  });

  it("uses the package manager that called it", async () => {
    const env = { npm_config_user_agent: "pnpm/12.21.0 npm/? node/v24.21.0 linux x64" };
    const { stdout } = await run(["by-pnpm", "--no-install", "--no-git"], env);
    expect(stdout).toContain("  cd by-pnpm\n  pnpm install\n  pnpm run dev\n");
    expect(readFileSync(join(parent, "by-pnpm/README.md"), "utf8")).toContain("`pnpm run deploy`");
    expect(existsSync(join(parent, "by-pnpm/pnpm-workspace.yaml"))).toBe(true);
  });

  it.skipIf(process.platform === "win32")("prints a path as a shell reads it", async () => {
    mkdirSync(join(parent, "it's R&D"));
    const { stdout } = await run(["it's R&D/quoted", "--no-install", "--no-git"]);
    expect(stdout).toContain(String.raw`  cd 'it'\''s R&D/quoted'`);
  });

  it("writes into an empty repository", async () => {
    mkdirSync(join(parent, "repository/.git"), { recursive: true });
    expect((await run(["repository", "--no-install"])).code).toBe(0);
  });
});

describe("a mistake", () => {
  const options = ["--no-install", "--no-git"];

  it("is one sentence on what is wrong, and the remedy", async () => {
    mkdirSync(join(parent, "full"));
    writeFileSync(join(parent, "full/notes.txt"), "");
    const mistakes: [words: string[], message: string][] = [
      [["full"], '"full" is not empty. Choose another folder, or empty it.'],
      [["full/notes.txt/a"], "cannot be written: a part of the path is a file."],
      [["Full Name"], 'Use up to 63 lower-case letters, digits and dashes, such as "full-name".'],
      [["a", "--template=nope"], 'There is no template "nope". Choose one of: chat,'],
      [["migrate", "full"], 'There is no partykit.json in "full".'],
    ];
    if (process.platform === "linux") {
      mistakes.push([["/proc/a"], '"/proc/a" cannot be written: there can be no folder.']);
    }
    for (const [words, message] of mistakes) {
      const flags = words[0] === "migrate" ? [] : options;
      const { code, stdout, stderr } = await run([...words, ...flags]);
      expect({ code, stdout, lines: stderr.split("\n").length }).toEqual({
        code: 1,
        stdout: "",
        lines: 2,
      });
      expect(stderr).toContain(message);
    }
    expect(readdirSync(join(parent, "full"))).toEqual(["notes.txt"]);
  });

  it("of the network leaves the project, and tells how to go on", async () => {
    const { code, stderr } = await run(["offline"], fakeNpm(1));
    expect(code).toBe(1);
    expect(stderr).toBe(
      '"npm install" failed. The project is in "offline": check the network, then run ' +
        '"npm install" there, and "npm run dev".\n',
    );
    expect(existsSync(join(parent, "offline/package.json"))).toBe(true);
  });

  it("of an old Node is found before anything else is loaded", async () => {
    const old =
      'Object.defineProperty(process, "versions", { value: { node: "20.11.1" } });' +
      // The rest of the program would ask for it.
      'Object.defineProperty(process, "argv", { get: () => process.exit(7) });';
    const { code, stderr } = await run([], {}, [`--import=data:text/javascript,${old}`]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^create-partyflare needs Node 20\.12 or newer, and this is v/);
  });
});
