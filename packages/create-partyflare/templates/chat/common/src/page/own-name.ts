const KEY = "name";

/** Returns this person's name, which the browser keeps. */
export function ownName(): string {
  try {
    return localStorage.getItem(KEY) ?? "Guest";
  } catch {
    return "Guest";
  }
}

/** Keeps this person's name for the next visit, if the browser allows it. */
export function keepName(name: string) {
  try {
    localStorage.setItem(KEY, name);
  } catch {
    // The name lasts until the page is left.
  }
}
