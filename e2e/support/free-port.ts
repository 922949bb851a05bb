import { createServer } from "node:net";

/** A port of 127.0.0.1 that nothing listens on now. The system does not give it out again soon. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        if (address !== null && typeof address === "object") resolve(address.port);
        else reject(new Error("The system named no port."));
      });
    });
  });
}
