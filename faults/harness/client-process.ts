// The process of the clients: bundled with the library, and started by `clients.ts`.
import { obeyOrders, tell } from "@partyflare/harness/orders";
import type { ClientCommand, ClientRecord, StatusNews } from "./client-messages.ts";
import { Talker } from "./talker.ts";

const talkers = new Map<string, Talker>();

obeyOrders(obey);

async function obey(command: ClientCommand): Promise<ClientRecord[]> {
  switch (command.kind) {
    case "open":
      for (const spec of command.specs) {
        const onStatus = (status: ClientRecord["status"]) =>
          tell({ name: spec.name, status } satisfies StatusNews);
        talkers.set(spec.name, new Talker(spec, onStatus));
      }
      return [];
    case "talk":
      for (const name of command.names) talkerOf(name).talk(command.pauseMs);
      return [];
    case "flood":
      await talkerOf(command.name).flood(command.messages);
      return [];
    case "hush":
      await Promise.all(command.names.map((name) => talkerOf(name).hush()));
      return [];
    case "records":
      return command.names.map((name) => talkerOf(name).record);
    case "close":
      for (const name of command.names) {
        talkerOf(name).close();
        talkers.delete(name);
      }
      return [];
    default:
      return command satisfies never;
  }
}

function talkerOf(name: string): Talker {
  const talker = talkers.get(name);
  if (!talker) throw new Error(`There is no client "${name}".`);
  return talker;
}
