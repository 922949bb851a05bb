import { type Dirent, readdirSync, readFileSync } from "node:fs";

/** A folder that the reader may not read, such as that of a database, has no source of theirs. */
export function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** Returns a file's text, without a byte order mark; nothing if it cannot be read. */
export function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8").replace(/^\uFEFF/, "");
  } catch {
    return "";
  }
}
