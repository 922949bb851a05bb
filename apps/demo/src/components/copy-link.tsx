import { useState } from "react";

/** Copies the address of a page, or shows it if the browser forbids that. */
export function CopyLink({ path }: { path: string }) {
  const [outcome, setOutcome] = useState<"copied" | "refused" | null>(null);
  const url = new URL(path, location.href).href;

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(url);
      setOutcome("copied");
    } catch {
      // There is no clipboard without HTTPS, and a browser may forbid its use.
      setOutcome("refused");
    }
  };

  return (
    <>
      <button type="button" className="button" onClick={() => void copy()}>
        Copy link
      </button>
      <span className="copy-outcome" aria-live="polite">
        {outcome === "copied" && "Link copied."}
        {outcome === "refused" && `Copy it by hand: ${url}`}
      </span>
    </>
  );
}
