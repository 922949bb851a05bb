import type { Closed } from "@partyflare/client";

/** Says that the connection is closed for good, why, and what can be done about it. */
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
