import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { SourceMap, type SourceMapPayload } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, normalize, relative } from "node:path";
import { promisify } from "node:util";
import { ROOT } from "./documents";

const run = promisify(execFile);

/** A package as npm would publish it, unpacked. */
export class PackedPackage {
  /** The package's folder in the repository. */
  readonly home: string;
  /** The paths of its files from its folder, with slashes, in order. */
  readonly files: readonly string[];
  readonly #folder: string;

  private constructor(home: string, folder: string) {
    this.home = home;
    this.#folder = folder;
    this.files = filesIn(this.path("."));
  }

  /**
   * Packs a package by `npm pack`.
   *
   * @param name its folder: `server`.
   */
  static async pack(name: string): Promise<PackedPackage> {
    const home = join(ROOT, "packages", name);
    const folder = mkdtempSync(join(tmpdir(), "partyflare-packed-"));
    const flags = ["pack", "--ignore-scripts", "--silent", "--pack-destination", folder];
    const { stdout } = await run("npm", flags, { cwd: home });
    await run("tar", ["-xzf", stdout.trim()], { cwd: folder });
    return new PackedPackage(home, folder);
  }

  path(file: string): string {
    return join(this.#folder, "package", file);
  }

  read(file: string): string {
    return readFileSync(this.path(file), "utf8");
  }

  /** Returns the source map of a script, by the comment at its end. */
  mapOf(script: string): PackedMap {
    const [, name] = /\n\/\/# sourceMappingURL=(\S+)\n?$/.exec(this.read(script)) ?? [];
    if (name === undefined) throw new Error(`${script} names no source map.`);
    return new PackedMap(this, join(dirname(script), name));
  }

  dispose(): void {
    rmSync(this.#folder, { recursive: true });
  }
}

/** A source map of a package. */
export class PackedMap {
  readonly sources: readonly string[];
  readonly #package: PackedPackage;
  readonly #folder: string;
  readonly #payload: SourceMapPayload;
  readonly #map: SourceMap;

  constructor(packed: PackedPackage, file: string) {
    this.#package = packed;
    this.#folder = dirname(file);
    this.#payload = JSON.parse(packed.read(file)) as SourceMapPayload;
    this.#map = new SourceMap(this.#payload);
    this.sources = this.#payload.sources;
  }

  /** Returns the text of a source; undefined if neither the package nor the map has it. */
  textOf(source: string): string | undefined {
    const content = this.#payload.sourcesContent?.[this.sources.indexOf(source)];
    if (content) return content;
    const file = normalize(join(this.#folder, source)).replaceAll("\\", "/");
    return this.#package.files.includes(file) ? this.#package.read(file) : undefined;
  }

  /** Returns the line of a source that a place of the script comes from. Both count from 0. */
  lineOf(line: number, column: number): string | undefined {
    const entry = this.#map.findEntry(line, column);
    if (!("originalSource" in entry)) return undefined;
    return this.textOf(entry.originalSource)?.split("\n")[entry.originalLine];
  }
}

/** Returns the paths of all files in a folder, with slashes, in order. */
export function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
    .toSorted();
}
