import { useState } from "react";
import { roomPagePath } from "../route";

/** Copies the address of a room's page, or shows it where the browser forbids that. */
export function CopyLink({ room }: { room: string }) {
  const [outcome, setOutcome] = useState<"copied" | "refused" | null>(null);
  const url = new URL(roomPagePath(room), location.href).href;

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(url);
      setOutcome("copied");
    } catch {
      // Without HTTPS there is no clipboard, and a browser may not allow its use.
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
