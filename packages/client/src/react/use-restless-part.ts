import { useInsertionEffect, useState } from "react";

/** More than a component needs that sets a state during its render. React gives up after 25. */
const MAX_CHANGES = 10;

/**
 * Looks for a part of a hook's address that each render makes anew, such as a random id. After a
 * change, React renders the component once more: the parts then have to be the same.
 *
 * @param parts those of two renders that mean the same are equal by `===`.
 * @returns the name of a part that was another in each render; undefined if they come to rest.
 */
export function useRestlessPart(parts: Readonly<Record<string, unknown>>): string | undefined {
  // A state, so that the changes of a render that React discards do not count.
  const [last, setLast] = useState({ parts, changes: 0 });
  const changed = Object.keys(parts).find((name) => parts[name] !== last.parts[name]);
  const isOver = last.changes === MAX_CHANGES;
  if (changed && !isOver) setLast({ parts, changes: last.changes + 1 });

  useInsertionEffect(() => {
    // oxlint-disable-next-line react/immutability -- it is of the render that React has committed
    last.changes = 0;
  });
  return isOver ? changed : undefined;
}
