const TIME = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });

/** How old the page's data is, while there is no connection; null while it is current. */
export function StaleNote({ asOfMs }: { asOfMs: number | null }) {
  if (asOfMs === null) return null;
  return <span className="stale-note">as of {TIME.format(asOfMs)}</span>;
}
