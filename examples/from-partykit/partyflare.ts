import { fetchPartyKit, fromPartyKit, scheduledPartyKit } from "partyflare/compat/partykit";
import MainServer from "./server";

/** The PartyKit classes, by their names in URLs. */
const options = {
  main: MainServer,
  crons: {
    noon: "0 12 * * *",
  },
};

// The Durable Object classes, which wrangler.jsonc names.
export const Main = fromPartyKit(MainServer);

export default {
  fetch(request, env, ctx) {
    return fetchPartyKit(request, env, ctx, options);
  },
  scheduled(controller, env, ctx) {
    return scheduledPartyKit(controller, env, ctx, options);
  },
} satisfies ExportedHandler<Cloudflare.Env>;
