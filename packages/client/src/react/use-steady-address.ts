import { PartyError } from "@partyflare/shared";
import { useInsertionEffect, useState } from "react";
import { type AddressOptions, partsOf } from "./address";

/** More than a component needs that sets a state during its render. React gives up after 25. */
const MAX_CHANGES = 10;

/**
 * Checks a hook's address. After a change, React renders the component once more: the options then
 * have to be the same. A value that the render itself makes, such as a random id, would connect anew
 * for ever.
 *
 * @throws PartyError `invalid` that names the option.
 */
export function useSteadyAddress(hook: string, options: AddressOptions): void {
  const parts = partsOf(options);
  // A state, so that the changes of a render that React discards do not count.
  const [last, setLast] = useState({ parts, changes: 0 });
  const changed = Object.keys(parts).find((name) => parts[name] !== last.parts[name]);
  if (changed !== undefined) {
    if (last.changes === MAX_CHANGES) {
      throw new PartyError("invalid", {
        message: `${hook}: \`${changed}\` is another in each render. Keep it with useState.`,
      });
    }
    setLast({ parts, changes: last.changes + 1 });
  }

  useInsertionEffect(() => {
    // oxlint-disable-next-line react/immutability -- it is of the render that React has committed
    last.changes = 0;
  });
}
