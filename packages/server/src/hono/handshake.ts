import type { Context } from "hono";

/**
 * Makes a room's 101 the answer of a context, also if later middleware changes or replaces
 * `c.res`. Otherwise most middleware would break it: a 101 can be neither cloned nor made anew
 * without its socket, and its headers cannot be changed.
 *
 * Middleware reads the status 101, and writes to headers that are never sent. Only an error ends
 * the connection: the answer is then that of the app's `onError`.
 *
 * @param asked the room's answer. Any other than a 101 is returned unchanged.
 * @returns the response that the platform sends.
 */
export async function keepHandshake(c: Context, asked: Promise<Response>): Promise<Response> {
  const { finalized } = c;
  outliveRequest(c, asked);
  const response = await asked;
  if (!response.webSocket) return response;
  // Middleware with a time limit has answered already.
  if (c.error !== undefined || c.finalized !== finalized) {
    drop(response);
    return new Response();
  }
  // Hono reads what it keeps for `c.res` in `c.header` and `c.text`. It must not be the 101.
  c.res = new Response(null, { headers: response.headers });
  const shown = withScratchHeaders(response);
  let answer = shown;
  Object.defineProperty(c, "res", {
    configurable: true,
    get: () => answer,
    set(replacement: Response | undefined) {
      if (c.error === undefined || replacement === undefined) return;
      if (answer === shown) drop(response);
      answer = replacement;
    },
  });
  return shown;
}

/** Otherwise the platform ends this code with the request, and nothing closes a late connection. */
function outliveRequest(c: Context, asked: Promise<Response>): void {
  try {
    c.executionCtx.waitUntil(asked.catch(() => {}));
  } catch {
    // A test may pass no context.
  }
}

/** The platform sends the real headers of a response, which its JavaScript properties do not hold. */
function withScratchHeaders(response: Response): Response {
  const headers = new Headers(response.headers);
  const clone = () =>
    Object.defineProperty(new Response(null, { headers }), "status", { value: 101 });
  return Object.defineProperties(response, {
    headers: { value: headers },
    clone: { value: clone },
  });
}

/** Without a close, the room would keep a connection that has no client. */
function drop({ webSocket }: Response): void {
  webSocket?.accept();
  webSocket?.close(1011, "internal");
}
