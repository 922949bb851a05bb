import type { Closed } from "@partyflare/client";

/** A notice that the connection is closed for good, with the reason and the remedy. */
export function ClosedNotice({ error, onRetry }: Pick<Closed, "error"> & { onRetry: () => void }) {
  return (
    <div className="closed-notice">
      <p role="alert">{error?.message ?? "You have left the room."}</p>
      <button type="button" className="button" onClick={onRetry}>
        Try again
      </button>
    </div>
  );
}
