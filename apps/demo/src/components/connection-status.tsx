import type { ConnectionState } from "../chat/chat-state";

const LABELS: Record<ConnectionState, string> = {
  connecting: "Connecting…",
  open: "Connected",
  reconnecting: "Connection lost. Reconnecting…",
  closed: "Disconnected",
};

/** How the connection stands, in words; screen readers hear of every change when they pause. */
export function ConnectionStatus({ connection }: { connection: ConnectionState }) {
  return (
    <p className="connection-status" data-connection={connection}>
      <span className="status-dot" aria-hidden="true" />
      <span role="status">{LABELS[connection]}</span>
    </p>
  );
}
