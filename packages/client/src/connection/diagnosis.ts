import { isPrivateHostname } from "@partyflare/shared/internal";

/**
 * Asks a room over HTTP why it cannot be connected to, and warns in the console with what it found.
 * A browser hides the status of a refused WebSocket, so that a party or prefix that does not exist
 * looks like a network that is down. Only in development: on a private host.
 */
export async function diagnose(roomUrl: URL): Promise<void> {
  if (!isPrivateHostname(roomUrl.hostname)) return;
  const url = roomUrl.href.replace(/^ws/, "http");
  const found = await fetch(url).then(
    async (response) => `GET answers ${response.status}: ${(await response.text()).slice(0, 200)}`,
    // A browser hides the status of another origin, too.
    () => "GET fails: no server, no such party or prefix, or not in `allowedOrigins` and `cors`.",
  );
  // oxlint-disable-next-line no-console -- it is for the developer
  console.warn(`Three attempts failed. ${url}: ${found}`);
}
