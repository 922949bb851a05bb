import type { Person } from "../../contract";

/** The people who are writing, in a line that always has its place. */
export function TypingLine({ people }: { people: readonly Person[] }) {
  return (
    <p className="typing-line" data-typing={people.length > 0 || undefined}>
      {textOf(people.map(({ name }) => name))}
    </p>
  );
}

function textOf([first, second, ...more]: readonly string[]): string {
  if (first === undefined) return "";
  if (second === undefined) return `${first} is typing…`;
  if (more.length === 0) return `${first} and ${second} are typing…`;
  return `${first}, ${second} and ${more.length} more are typing…`;
}
