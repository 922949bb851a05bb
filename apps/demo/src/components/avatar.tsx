import type { CSSProperties } from "react";

/** A person's initials on their own colour. It is decoration: the name stands beside it. */
export function Avatar({ name, person }: { name: string; person: string }) {
  return (
    <span className="avatar" style={{ "--hue": hueOf(person) } as CSSProperties} aria-hidden="true">
      {initialsOf(name)}
    </span>
  );
}

function initialsOf(name: string): string {
  const words = name.split(" ");
  const ends = words.length > 1 ? [words[0], words.at(-1)] : words;
  return ends.map((word = "") => firstCharacterOf(word)).join("");
}

/** Returns the first character as people count: an emoji of several code points is one. */
function firstCharacterOf(word: string): string {
  for (const { segment } of new Intl.Segmenter().segment(word)) return segment;
  return "";
}

/** Returns a hue in degrees. It is the same wherever the person appears in this room. */
export function hueOf(person: string): number {
  let hash = 0;
  for (const character of person) hash = (hash * 31 + character.charCodeAt(0)) % 360;
  return hash;
}
