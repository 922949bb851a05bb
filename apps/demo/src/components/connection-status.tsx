import type { RoomStatus } from "@partyflare/client";
import { useSecondsUntil } from "../hooks/use-seconds-until";

/** The connection's status in words. Screen readers announce every change when they pause. */
export function ConnectionStatus({ status }: { status: RoomStatus }) {
  return (
    <p className="connection-status" data-connection={status.state}>
      <span className="status-dot" aria-hidden="true" />
      <span>
        <span role="status">{labelOf(status)}</span>
        {/* Outside the status, because screen readers would announce every second. */}
        {status.state === "waiting" && <Countdown toMs={status.retryAtMs} />}
      </span>
    </p>
  );
}

function Countdown({ toMs }: { toMs: number }) {
  return ` in ${useSecondsUntil(toMs)} s`;
}

function labelOf(status: RoomStatus): string {
  switch (status.state) {
    case "connecting":
      return status.attempt === 0 ? "Connecting…" : "Reconnecting";
    case "open":
      return "Connected";
    case "waiting":
      return "Reconnecting";
    case "closed":
      return "Disconnected";
    default:
      return status satisfies never;
  }
}
