const KEY = "name";

/** Returns this person's name, which the browser keeps. */
export function ownName(): string {
  return localStorage.getItem(KEY) ?? "Guest";
}

/** Keeps this person's name for the next visit. */
export function keepName(name: string) {
  localStorage.setItem(KEY, name);
}
