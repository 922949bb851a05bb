/** A part of a sentence that contains measured numbers. */
export interface Claim {
  /** The page, from the repository's folder: `docs/performance.md`. */
  readonly page: string;
  /** The words as the page has them, once, with `{}` for each number. Lines may break anywhere. */
  readonly text: string;
  /** What stands for each `{}`. `undefined`, where it has not been measured, leaves what is there. */
  readonly numbers: readonly (string | undefined)[];
  /** Questions whose missed targets the sentence explains. */
  readonly explains?: readonly string[];
}

/**
 * Writes the numbers into the sentences of a page.
 *
 * @throws Error where a sentence is not there exactly once.
 */
export function fillClaims(page: string, claims: readonly Claim[]): string {
  return claims.reduce(fill, page);
}

function fill(page: string, { text, numbers, page: name }: Claim): string {
  const parts = text.split("{}").map(flexible);
  const pattern = new RegExp(parts.map((part) => `(${part})`).join(String.raw`([\d.,]*\d)`), "g");
  const found = [...page.matchAll(pattern)];
  if (found.length !== 1) throw new Error(`Found ${found.length} times in ${name}: ${text}`);
  if (numbers.length !== parts.length - 1) throw new Error(`Not a number for each {}: ${text}`);
  return page.replace(pattern, (...groups: string[]) =>
    parts
      .map((_, index) => {
        const before = groups[2 * index + 1] ?? "";
        const old = index < numbers.length ? groups[2 * index + 2] : "";
        return before + (numbers[index] ?? old ?? "");
      })
      .join(""),
  );
}

/** Matches the words wherever lines break. */
function flexible(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll(/ +/g, String.raw`\s+`);
}
