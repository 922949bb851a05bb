import { basename } from "node:path";
import { Failure } from "./failure";

/** A Worker's name is a label of its address on workers.dev. RFC 1035 §2.3.4: 63 bytes. */
const MAX_LENGTH = 63;

/** The name for a folder whose own name has no letter or digit. */
export const DEFAULT_NAME = "my-party";

/**
 * Returns the name of the project in a folder: that of its package and of its Worker. The folder in
 * which the reader stands may have any name.
 *
 * @throws Failure if the folder's name cannot be a Worker's.
 */
export function projectNameOf(folder: string): string {
  const name = basename(folder);
  if (folder === process.cwd()) return suggestedName(name);
  const problem = problemOf(name);
  if (problem !== undefined) throw new Failure(problem);
  return name;
}

/** Returns what is wrong with a name, in a sentence; undefined if it is a valid one. */
export function problemOf(name: string): string | undefined {
  if (name.length <= MAX_LENGTH && /^[a-z\d]+(?:-+[a-z\d]+)*$/.test(name)) return undefined;
  return (
    `"${name}" cannot be the name of a Worker. Use up to ${MAX_LENGTH} lower-case letters, digits ` +
    `and dashes, such as "${suggestedName(name)}".`
  );
}

/** Returns the valid name that is nearest to a text. */
export function suggestedName(text: string): string {
  const words = text
    .normalize("NFKD")
    .replaceAll(/\p{M}+/gu, "")
    .toLowerCase()
    .match(/[a-z\d]+/g);
  const name = (words ?? []).join("-").slice(0, MAX_LENGTH).replace(/-$/, "");
  return name === "" ? DEFAULT_NAME : name;
}
