import { createServer } from "node:net";

/** Nothing here speaks to another machine. */
export const LOOPBACK = "127.0.0.1";

/**
 * Below the ports that systems give to outgoing connections (Linux: from 32,768): while a server is
 * down, a client that redials could be given the server's own port, and keep it from coming back.
 */
const LOWEST = 20_000;
const COUNT = 10_000;

/** A port of 127.0.0.1 that nothing listens on now. */
export async function freePort(): Promise<number> {
  const port = LOWEST + Math.floor(Math.random() * COUNT);
  return (await isFree(port)) ? port : freePort();
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, LOOPBACK, () => server.close(() => resolve(true)));
  });
}
