import { Party } from "partyflare";
import { Chat } from "./chat";

export { Chat };

/** What wrangler.jsonc binds. */
interface Env {
  Chat: DurableObjectNamespace<Chat>;
}

// oxlint-disable-next-line import/no-default-export -- a Worker is a module's default export.
export default {
  fetch(request, env) {
    return (
      Party.fetchRoomForRequest(request, env, { parties: ["Chat"] }) ||
      new Response("Not Found", { status: 404 })
    );
  },
} satisfies ExportedHandler<Env>;
