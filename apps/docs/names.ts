/** The two clients of a live room. */
export const NAMES = ["Ada", "Grace"] as const;

export type Name = (typeof NAMES)[number];

/** The items of the shared list. */
export const ITEMS = ["tent", "lamp", "stove", "map"] as const;

export type Item = (typeof ITEMS)[number];
