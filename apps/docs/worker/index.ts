import { Party } from "partyflare";
import { Live } from "./live";

export { Live };

/** What wrangler.jsonc binds. */
interface Env {
  Live: DurableObjectNamespace<Live>;
}

export default {
  fetch(request, env) {
    return (
      Party.fetchRoomForRequest(request, env, { parties: ["Live"] }) ||
      new Response("Not Found", { status: 404 })
    );
  },
} satisfies ExportedHandler<Env>;
