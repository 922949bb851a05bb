// The process of a peer, started by `peer-server.ts` with the peer's name.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { LOOPBACK } from "@partyflare/harness/free-port";
import type { Peer, PeerReady } from "./peer.ts";
import { serveSocketIo } from "./socket-io-rooms.ts";
import { serveWs } from "./ws-rooms.ts";

const server = createServer();
serve(process.argv[2] as Peer);
server.listen(0, LOOPBACK, () => {
  const { port } = server.address() as AddressInfo;
  process.send?.({ port } satisfies PeerReady);
});

// Nobody is there any more who would want to know.
process.on("disconnect", () => process.exit(0));

function serve(peer: Peer): void {
  switch (peer) {
    case "ws":
      return serveWs(server);
    case "socket.io":
      return serveSocketIo(server, {});
    case "socket.io-recovering":
      // With its defaults: what was sent within two minutes is kept, and sent to who comes back.
      return serveSocketIo(server, { connectionStateRecovery: {} });
    default:
      return peer satisfies never;
  }
}
