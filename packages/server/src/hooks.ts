import type { Connection } from "./connections/connection";
import type { FrameHandler } from "./incoming/dispatch";
import type { ConnectHooks } from "./incoming/upgrade";

/** The hooks of a party, as its room calls them. */
export interface Hooks extends ConnectHooks, FrameHandler {
  onStart(): void | Promise<void>;
  onClose(
    connection: Connection,
    code: number,
    reason: string,
    wasClean: boolean,
  ): void | Promise<void>;
  onRequest(request: Request): Response | Promise<Response>;
  onAlarm(info?: AlarmInvocationInfo): void | Promise<void>;
}
