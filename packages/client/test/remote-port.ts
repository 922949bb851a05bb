import { inject } from "vitest";
import type { Port, PortCommand, PortEvents } from "./port";

/** What the process outside tells of a port: its host, and what happens there. */
export type PortNews = {
  [Name in keyof PortEvents]: [name: Name, ...details: Parameters<PortEvents[Name]>];
}[keyof PortEvents];

/**
 * Opens a free port of the process outside of workerd, where nothing can listen: `ports-outside.ts`
 * is its other side. What happens there and what is to be done about it travel in order.
 */
export async function openRemotePort(events: PortEvents): Promise<Port> {
  const control = new WebSocket(inject("portsOutside"));
  const host = await new Promise<string>((resolve, reject) => {
    control.addEventListener("message", ({ data }) => resolve(String(data)), { once: true });
    control.addEventListener("error", () => reject(new Error("No ports outside.")));
  });
  control.addEventListener("message", ({ data }) => {
    const [name, ...details] = JSON.parse(String(data)) as PortNews;
    (events[name] as (...details: unknown[]) => void)(...details);
  });
  return {
    host,
    do: (...command: PortCommand) => control.send(JSON.stringify(command)),
    stop: async () => control.close(1000),
  };
}
