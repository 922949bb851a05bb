/** What a party class may set as `static options`. A subclass inherits what it does not set. */
export interface PartyOptions {
  /**
   * Whether the room may leave memory while its connections stay open (WebSocket hibernation).
   * Default false: the room stays in memory, and is billed, for as long as anyone is connected.
   */
  hibernate?: boolean;

  /**
   * Whether events and replies are checked against the contract before they leave, so that the
   * room cannot break its own promise: for development. Default false, which costs nothing.
   */
  checkOutgoing?: boolean;
}

/** The options with every default filled in. */
export type ResolvedOptions = Readonly<Required<PartyOptions>>;

const DEFAULTS: ResolvedOptions = { hibernate: false, checkOutgoing: false };

/** A class that may have `static options`. */
interface OptionsHolder {
  readonly name: string;
  readonly options?: PartyOptions;
}

/**
 * Merges the `static options` along a class's ancestors, the nearest last.
 *
 * @throws TypeError for an option that does not exist or has the wrong type: a misspelt one would
 *   otherwise do nothing, silently.
 */
export function resolveOptions(party: OptionsHolder): ResolvedOptions {
  const resolved: Record<string, unknown> = { ...DEFAULTS };
  for (const { name, options } of lineage(party)) {
    for (const [option, value] of Object.entries(options ?? {})) {
      if (value === undefined) continue;
      const known = Object.hasOwn(DEFAULTS, option);
      if (!known || typeof value !== typeof resolved[option]) {
        throw new TypeError(
          known
            ? `${name}.options.${option} is a ${typeof resolved[option]}, not a ${typeof value}.`
            : `${name}.options.${option} does not exist: there is ${Object.keys(DEFAULTS).join(", ")}.`,
        );
      }
      resolved[option] = value;
    }
  }
  return resolved as unknown as ResolvedOptions;
}

/** The class after its ancestors, those without options of their own left out. */
function lineage(party: OptionsHolder): OptionsHolder[] {
  const classes: OptionsHolder[] = [];
  for (
    let current: OptionsHolder | null = party;
    typeof current === "function";
    current = Object.getPrototypeOf(current) as OptionsHolder | null
  ) {
    if (Object.hasOwn(current, "options")) classes.unshift(current);
  }
  return classes;
}
