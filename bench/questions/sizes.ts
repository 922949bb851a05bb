import { bundleSize, bytesByModule } from "../client/bundle-size.ts";
import type { Question, Row, Table } from "../question.ts";

/** What is bundled, by the contender's name. */
type Contenders = Readonly<Record<string, string>>;

const PARTYSOCKET = 'export { default, WebSocket } from "partysocket"';

const CLIENTS = {
  partysocket: PARTYSOCKET,
  "partysocket/ws": 'export { default } from "partysocket/ws"',
  "partysocket/react": 'export { default } from "partysocket/react"',
  PartySocket: 'export { PartySocket } from "@partyflare/client"',
  connect: 'export { connect } from "@partyflare/client"',
  usePartySocket: 'export { usePartySocket } from "@partyflare/client/react"',
  "useRoom and its hooks":
    'export { useRoom, useEvent, useStatus, useCall } from "@partyflare/client/react"',
  "/react, everything": 'export * from "@partyflare/client/react"',
};

const SERVERS = {
  partyserver: 'export { Server, routePartykitRequest } from "partyserver"',
  Party: 'export { Party } from "partyflare"',
  "partyflare, everything": 'export * from "partyflare"',
};

/** How many bytes a client was to have. `.size-limit.json` holds what it has. */
const CLIENT_GOALS = { PartySocket: 8_400, connect: 11_500, "/react, everything": 13_500 };

/** How many bytes a server was to have, when it had no contracts, delivery or limits. */
const SERVER_GOALS = { "partyflare, everything": 8_000 };

/** How many bytes a page and a Worker get, and which modules they come from. */
export const sizes: Question = {
  name: "sizes",
  title: "How large are the bundles?",
  async ask({ progress }) {
    progress("bundling");
    return [
      await sizeTable("client", CLIENTS, CLIENT_GOALS),
      await sizeTable("server", SERVERS, SERVER_GOALS),
      await moduleTable("connect, by module", CLIENTS.connect),
      await moduleTable("Party, by module", SERVERS.Party),
    ];
  },
};

/** React is left out: the app has it. */
async function sizeTable(
  name: string,
  contenders: Contenders,
  goals: Readonly<Record<string, number>>,
): Promise<Table> {
  const rows: Row[] = [];
  for (const [contender, code] of Object.entries(contenders)) {
    const { minifiedBytes, gzippedBytes } = await bundleSize(code);
    const goal = goals[contender];
    rows.push({
      contender,
      values: [gzippedBytes],
      beside: {
        "minified in bytes": minifiedBytes,
        ...(goal !== undefined && { "at most, in bytes": goal }),
      },
    });
  }
  return { name, unit: "bytes, minified and gzipped", rows };
}

async function moduleTable(name: string, code: string): Promise<Table> {
  const modules = await bytesByModule(code);
  return {
    name,
    unit: "bytes, minified",
    rows: modules.map(([contender, bytes]) => ({ contender, values: [bytes] })),
    note: "Before compression, of the modules as they are in the repository.",
  };
}
