import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { dirname } from "node:path";
import { Failure } from "./failure";

/** Entries that a folder may have and still count as empty: those of a new repository. */
const IGNORED = new Set([".git", ".DS_Store"]);

/**
 * Creates a folder if there is none.
 *
 * @param shown the folder, as the reader has typed it.
 * @throws Failure if it has files, or cannot be written.
 */
export function prepareFolder(path: string, shown: string): void {
  try {
    makeFolder(path);
    if (isEmpty(path)) return;
  } catch (error) {
    throw unwritable(shown, error);
  }
  throw new Failure(notEmpty(shown));
}

/** Returns what is wrong with a folder for a new project; undefined if it may be used. */
export function problemOfFolder(path: string, shown: string): string | undefined {
  try {
    return isEmpty(path) ? undefined : notEmpty(shown);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    return unwritable(shown, error).message;
  }
}

/** Returns the failure of a write. Other errors stay what they are: mistakes of this program. */
export function unwritable(shown: string, error: unknown): Error {
  const code = codeOf(error);
  if (code === undefined) return error instanceof Error ? error : new Error(String(error));
  const reason = REASONS[code] ?? code;
  return new Failure(`"${shown}" cannot be written: ${reason}. Choose another folder.`);
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "you have no permission",
  EEXIST: "there is a file of that name",
  ENAMETOOLONG: "the name is too long",
  ENOENT: "there can be no folder",
  ENOSPC: "the disk is full",
  ENOTDIR: "a part of the path is a file",
  EPERM: "you have no permission",
  EROFS: "the disk is read-only",
};

/** Node's own `recursive` never ends in a file system that takes no folders, such as `/proc`. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path);
}

function isEmpty(path: string): boolean {
  return readdirSync(path).every((name) => IGNORED.has(name));
}

function notEmpty(shown: string): string {
  return `"${shown}" is not empty. Choose another folder, or empty it.`;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
