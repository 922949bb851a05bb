import { errorPage, isPrivateHostname } from "@partyflare/shared/internal";

/**
 * Requests the room over HTTP to find out why attempts fail, and warns in the console. A browser
 * hides the status of a refused WebSocket. A wrong party or prefix would therefore look like a lost
 * network. It runs only in development: on a private host.
 */
export async function diagnose(roomUrl: URL | undefined): Promise<void> {
  if (!roomUrl || !isPrivateHostname(roomUrl.hostname)) return;
  const url = roomUrl.href.replace(/^ws/, "http");
  const found = await fetch(url)
    .then(
      async (response) =>
        `GET answers ${response.status}: ${(await response.text()).slice(0, 200)}`,
    )
    // A browser hides the status of another origin too. A server may also end in its answer.
    .catch(
      () => "GET fails: no server, no such party or prefix, or not in `allowedOrigins` and `cors`.",
    );
  // oxlint-disable-next-line no-console -- it is for the developer
  console.warn(`Three attempts failed. ${url}: ${found} ${errorPage("disconnected")}`);
}
