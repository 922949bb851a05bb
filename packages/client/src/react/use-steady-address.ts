import { PartyError } from "@partyflare/shared";
import { type AddressOptions, partsOf } from "./address";
import { useRestlessPart } from "./use-restless-part";

/**
 * Checks a hook's address: a value that the render itself makes would connect anew for ever.
 *
 * @throws PartyError `invalid` that names the option.
 */
export function useSteadyAddress(hook: string, options: AddressOptions): void {
  const name = useRestlessPart(partsOf(options));
  if (name === undefined) return;
  throw new PartyError("invalid", {
    message: `${hook}: \`${name}\` is another in each render. Keep it with useState.`,
  });
}
