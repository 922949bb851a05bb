/** Where the tests run. */
export const platform = platformOf(globalThis);

/** What a test may need that a platform cannot do: the test is skipped there, and counted as skipped. */
const LACKS = {
  node: ["a document"],
  "happy-dom": [
    // Its WebSocket is never CLOSING, and a connection that is cut closes cleanly, without an error.
    "standard closing",
  ],
  workerd: [
    // Nothing can listen on a port.
    "servers",
    "a document",
  ],
} as const satisfies Record<typeof platform, readonly string[]>;

/** Whether tests that need something are to be skipped here. */
export function lacks(what: (typeof LACKS)[typeof platform][number]): boolean {
  return (LACKS[platform] as readonly string[]).includes(what);
}

function platformOf(global: { happyDOM?: unknown; navigator?: { userAgent?: string } }) {
  if (global.navigator?.userAgent === "Cloudflare-Workers") return "workerd";
  return global.happyDOM === undefined ? "node" : "happy-dom";
}
