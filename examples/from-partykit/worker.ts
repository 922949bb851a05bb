import { fetchPartyKit, fromPartyKit, scheduledPartyKit } from "partyflare/compat/partykit";
import Chat from "./server";

/** The class of the binding `Main`: the party `main`. */
export const Main = fromPartyKit(Chat);

export default {
  fetch: (request, env, ctx) => fetchPartyKit(request, env, ctx, { main: Chat }),
  scheduled: (controller, env, ctx) =>
    scheduledPartyKit(controller, env, ctx, { main: Chat, crons: { noon: "0 12 * * *" } }),
} satisfies ExportedHandler<Cloudflare.Env>;
