import { Party } from "partyflare";
import { Live } from "./live";

export { Live };

export default {
  fetch(request, env) {
    return (
      Party.fetchRoomForRequest(request, env, { parties: ["Live"] }) ||
      new Response("Not Found", { status: 404 })
    );
  },
} satisfies ExportedHandler<Cloudflare.Env>;
