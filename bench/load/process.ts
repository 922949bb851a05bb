// The load generator's process, started by `load.ts`.
import { obeyOrders } from "@partyflare/harness/orders";
import { Generator } from "./generator.ts";
import type { LoadCommand } from "./messages.ts";

const generator = new Generator();

obeyOrders((command: LoadCommand) => generator.obey(command));
