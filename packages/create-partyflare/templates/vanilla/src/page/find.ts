/** Returns an element of the page. Throws if it is not there, or of another kind. */
export function find<Found extends Element>(selector: string, kind: new () => Found): Found {
  const found = document.querySelector(selector);
  if (!(found instanceof kind)) throw new Error(`${selector} is not in the page.`);
  return found;
}

/** Returns a field of a form, and empties the form. */
export function take(form: HTMLFormElement, field: string): string {
  const value = new FormData(form).get(field);
  form.reset();
  return typeof value === "string" ? value : "";
}
