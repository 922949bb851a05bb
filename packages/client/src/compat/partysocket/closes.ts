import { isRetriedCloseCode } from "@partyflare/shared";
import { CLOSE_CODES } from "@partyflare/shared/internal";
import { ABNORMAL_CLOSURE, checkClose, type Close } from "../../connection/close-event";
import { CloseEvent } from "./events";
import { warnOnce } from "./notices";
import type { Options } from "./options";

/**
 * Whether the socket reconnects after this close. If the app has a function that decides, the
 * function is asked after every close.
 */
export function isRetried({ code, reason }: Close, { shouldReconnectOnClose }: Options): boolean {
  if (shouldReconnectOnClose) return true;
  // The two connections would close each other for ever.
  if (code === CLOSE_CODES.superseded && reason === "superseded") return false;
  if (code !== 1000 && !isRetriedCloseCode(code)) {
    warnOnce(
      `The room closed with ${code}, and this socket reconnects, as partysocket does. To stay closed: \`shouldReconnectOnClose: ({ code }) => isRetriedCloseCode(code)\`, with the function of @partyflare/client.`,
    );
  }
  return true;
}

/** Returns partysocket's event of a close. */
export function closeEvent({ code, reason, wasClean }: Close): CloseEvent {
  return new CloseEvent(code, reason, { wasClean: wasClean && code !== ABNORMAL_CLOSURE });
}

/** Returns a code and a reason that the platform takes. Apps of partysocket expect no throw. */
export function closeArguments(code: number, reason: string): [code?: number, reason?: string] {
  try {
    checkClose(code, reason);
    return [code, reason];
  } catch (error) {
    warnOnce(`${(error as Error).message} This connection is closed with 1000.`);
    return [];
  }
}
