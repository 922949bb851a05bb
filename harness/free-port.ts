import { createServer } from "node:net";

/** The host of all servers: no connection goes to another machine. */
export const LOOPBACK = "127.0.0.1";

/**
 * Below the ports that systems give to outgoing connections (Linux: from 32,768). Otherwise, while
 * a server is down, a client that reconnects could be given the server's port and block its
 * restart.
 */
const LOWEST = 20_000;
const COUNT = 10_000;

/** Returns a port of 127.0.0.1 that nothing listens on now. */
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
